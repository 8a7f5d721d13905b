package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Notification;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** How a notification is posted. Pure. */
@FunctionalInterface
interface HttpFormat {
    /**
     * @param headers beside those of the settings
     * @param body JSON
     * @param secrets what must not be shown should the answer repeat it
     */
    record Post(URI uri, Map<String, String> headers, byte[] body, List<String> secrets) {
        /** To an address that is as good as a key. */
        static Post toSecret(URI uri, Map<String, String> headers, byte[] body) {
            String path = uri.getRawPath() == null ? "" : uri.getRawPath();
            return new Post(uri, headers, body, path.length() > 1 ? List.of(uri.toString(), path) : List.of());
        }
    }

    Post post(Notification notification);
}
