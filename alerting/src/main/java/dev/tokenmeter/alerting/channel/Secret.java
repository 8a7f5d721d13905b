package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What must not be shown: keys, passwords, and addresses that are as good as a key. From the environment or the settings
 * file, or from a file of its own under the key with {@code -file} added.
 *
 * @param value never to be logged
 */
record Secret(String value) {
    static Optional<Secret> from(Settings settings, String key) {
        Optional<String> file = settings.optional(key + "-file");
        Optional<String> value = settings.optional(key);
        if (value.isPresent() || file.isEmpty()) {
            return value.map(text -> new Secret(text.strip()));
        }
        try {
            String read = Files.readString(Path.of(file.get())).strip();
            if (read.isEmpty()) {
                throw new SettingException(key + "-file", file.get() + " is empty", "a file with the secret");
            }
            return Optional.of(new Secret(read));
        } catch (IOException e) {
            throw new SettingException(key + "-file", "cannot read " + file.get(), "a readable file");
        }
    }

    static Secret required(Settings settings, String key) {
        return from(settings, key).orElseThrow(() -> new SettingException(key, "not set", "it, or " + key + "-file"));
    }

    /** One that can stand in a header. */
    static Secret inHeader(Settings settings, String key) {
        Secret secret = required(settings, key);
        if (!secret.value.matches("[\\x21-\\x7e]+")) {
            throw new SettingException(key, "no such key", "visible ASCII without spaces");
        }
        return secret;
    }

    /** An absolute http or https address, which the error does not show. */
    static URI url(Settings settings, String key) {
        String text = required(settings, key).value;
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new SettingException(key, "no such address", "an absolute http or https URL");
    }

    @Override
    public String toString() {
        return "***";
    }
}
