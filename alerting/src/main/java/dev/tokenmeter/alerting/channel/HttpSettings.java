package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * How to reach a receiver over HTTP.
 *
 * @param connectTimeout until there is a connection
 * @param timeout of the whole attempt
 * @param trust whom to trust in TLS; empty for whom the JVM trusts
 * @param headers added to each request; values may be secrets
 */
record HttpSettings(
        Duration connectTimeout, Duration timeout, Optional<SSLContext> trust, Map<String, String> headers) {
    static HttpSettings from(Settings settings, String prefix) {
        Map<String, String> headers = settings.map(prefix + "headers");
        headers.forEach((name, value) -> {
            if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+") || !value.matches("[\\t\\x20-\\x7e]*")) {
                throw new SettingException(prefix + "headers." + name, "no such header", "a name and visible ASCII");
            }
            try {
                HttpRequest.newBuilder().setHeader(name, value);
            } catch (IllegalArgumentException e) {
                throw new SettingException(
                        prefix + "headers." + name, "it is the HTTP client's own to set", "any header but such");
            }
        });
        return new HttpSettings(
                positive(settings, prefix + "connect-timeout", Duration.ofSeconds(5)),
                positive(settings, prefix + "timeout", Duration.ofSeconds(15)),
                trust(settings, prefix),
                Map.copyOf(headers));
    }

    static Duration positive(Settings settings, String key, Duration byDefault) {
        Duration found = settings.duration(key, byDefault);
        if (found.toMillis() < 1 || found.compareTo(Duration.ofMinutes(5)) > 0) {
            throw new SettingException(key, "found " + found, "from 1ms to 5m");
        }
        return found;
    }

    /** Reads {@code tls.ca-file}. */
    static Optional<SSLContext> trust(Settings settings, String prefix) {
        String key = prefix + "tls.ca-file";
        return settings.optional(key).map(file -> {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                for (Certificate authority :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("ca-" + store.size(), authority);
                }
                if (store.size() == 0) {
                    throw new IOException("no certificate");
                }
                TrustManagerFactory managers =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                managers.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, managers.getTrustManagers(), null);
                return context;
            } catch (IOException | GeneralSecurityException e) {
                throw new SettingException(key, "no certificate can be read from " + file, "a PEM file");
            }
        });
    }

    HttpClient client() {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout);
        trust.ifPresent(builder::sslContext);
        return builder.build();
    }
}
