package dev.tokenmeter.alerting.channel;

import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.alerting.deliver.Sender;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers of a certificate authority of one's own. */
class TlsTest {
    private static final String PASSWORD = "changeit";
    private static final Notification NOTIFICATION =
            notification("n-1", "ops", firing("a", "acme")).build();

    @TempDir
    private static Path folder;

    private static Path authority;
    private static HttpsServer https;

    @BeforeAll
    static void start() throws Exception {
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "x",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-validity",
                        "2",
                        "-ext",
                        "SAN=dns:localhost",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        authority = Files.writeString(
                folder.resolve("ca.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(store.getCertificate("x").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        https = https(store);
    }

    private static HttpsServer https(KeyStore store) throws Exception {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress("localhost", 0), 10);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    @AfterAll
    static void stop() {
        https.stop(0);
    }

    private static Outcome post(Map<String, String> more) throws InterruptedException {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("url", "https://localhost:" + https.getAddress().getPort() + "/s3cret");
        return send("webhook", settings);
    }

    private static Outcome send(String type, Map<String, String> settings) throws InterruptedException {
        Map<String, String> all = new HashMap<>(Map.of("alerting.receivers.x.type", type));
        settings.forEach((name, value) -> all.put("alerting.receivers.x." + name, value));
        Sender sender = Receivers.from(Settings.of(all)).get(0).sender();
        return sender.send(NOTIFICATION);
    }

    @Test
    void whoseAuthorityIsNamedIsTrusted() throws Exception {
        Map<String, String> trusting = Map.of("tls.ca-file", authority.toString());
        assertThat(post(trusting)).isEqualTo(new Outcome.Delivered("HTTP 204"));
    }

    @Test
    void anyOtherGetsNothingAndTheReasonIsOneLine() throws Exception {
        assertThat(post(Map.of())).isInstanceOf(Outcome.Failed.class);
        assertThat(post(Map.of()).said()).contains("TLS: ").doesNotContain("\n").doesNotContain("s3cret");
    }
}
