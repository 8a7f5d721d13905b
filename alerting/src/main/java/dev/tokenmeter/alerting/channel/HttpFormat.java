package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Notification;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
            List<String> secrets = new ArrayList<>(List.of(uri.toString()));
            String path = uri.getRawPath() == null || uri.getRawPath().length() == 1 ? "" : uri.getRawPath();
            String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
            secrets.add(path + "?" + query);
            secrets.add(path);
            secrets.add(query);
            for (String parameter : query.split("&")) {
                String value = parameter.substring(parameter.indexOf('=') + 1);
                secrets.add(value);
                secrets.add(URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
            secrets.removeIf(secret -> secret.length() < SHORTEST_SECRET);
            return new Post(uri, headers, body, List.copyOf(secrets));
        }

        /** Shorter ones are versions and the like; to mask them would only hide the answer. */
        private static final int SHORTEST_SECRET = 5;
    }

    Post post(Notification notification);
}
