package dev.tokenmeter.alerting.channel;

import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.alerting.FakeReceiver;
import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.schemas.Notification;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSenderTest {
    private static final Notification NOTIFICATION =
            notification("n-1", "ops", firing("a", "acme")).build();

    private final FakeReceiver receiver;
    private final CountDownLatch over = new CountDownLatch(1);

    HttpSenderTest() throws Exception {
        receiver = new FakeReceiver();
    }

    @AfterEach
    void close() {
        over.countDown();
        receiver.close();
    }

    private Outcome send(String url, Duration timeout) throws InterruptedException {
        HttpFormat format = notification -> HttpFormat.Post.toSecret(
                URI.create(url), Map.of("X-Id", notification.getNotificationId()), "{\"a\":1}".getBytes());
        HttpSettings settings = new HttpSettings(
                Duration.ofSeconds(20), timeout, Optional.empty(), Map.of("Authorization", "Bearer t0ken"));
        return new HttpSender(format, settings).send(NOTIFICATION);
    }

    private Outcome send() throws InterruptedException {
        return send(receiver.url() + "/hook/s3cret", Duration.ofSeconds(30));
    }

    @Test
    void whatIsTakenIsDelivered() throws Exception {
        receiver.behave(exchange -> FakeReceiver.status(exchange, 202, "thanks"));
        assertThat(send()).isEqualTo(new Outcome.Delivered("HTTP 202: thanks"));
        FakeReceiver.Taken taken = receiver.seen().get(0);
        assertThat(taken.body()).isEqualTo("{\"a\":1}");
        assertThat(taken.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("x-id", "n-1")
                .containsEntry("authorization", "Bearer t0ken");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void whatMayPassIsTriedAgain(int status) throws Exception {
        receiver.behave(exchange -> FakeReceiver.status(exchange, status, ""));
        assertThat(send()).isEqualTo(new Outcome.Failed("HTTP " + status));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410, 413, 422})
    void whatWouldBeTheSameNextTimeIsRefused(int status) throws Exception {
        receiver.behave(exchange -> FakeReceiver.status(exchange, status, "no\r\nway"));
        assertThat(send()).isEqualTo(new Outcome.Refused("HTTP " + status + ": no way"));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsNotFollowed(int status) throws Exception {
        receiver.behave(exchange -> {
            exchange.getResponseHeaders().set("Location", receiver.url() + "/elsewhere");
            FakeReceiver.status(exchange, status, "");
        });
        assertThat(send()).isEqualTo(new Outcome.Refused("HTTP " + status + ", a redirect, which is not followed"));
        assertThat(receiver.seen()).extracting(FakeReceiver.Taken::path).containsExactly("/hook/s3cret");
    }

    @Test
    void whatAnAnswerRepeatsOfASecretAddressIsMasked() throws Exception {
        receiver.behave(exchange -> FakeReceiver.status(
                exchange, 404, "no " + exchange.getRequestURI() + " nor sig sEcret/Sig or sEcret%2FSig"));
        String url = receiver.url() + "/workflows/abcdef?api-version=1&sig=sEcret%2FSig";
        assertThat(send(url, Duration.ofSeconds(30)).said())
                .startsWith("HTTP 404: no ")
                .doesNotContain("sEcret")
                .doesNotContain("abcdef");
    }

    @Test
    void aPauseThatTheReceiverAsksForIsTold() throws Exception {
        receiver.behave(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            FakeReceiver.status(exchange, 429, "");
        });
        assertThat(send()).isEqualTo(new Outcome.Failed("HTTP 429", Optional.of(Duration.ofSeconds(7))));
        receiver.behave(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT");
            FakeReceiver.status(exchange, 503, "");
        });
        assertThat(((Outcome.Failed) send()).retryAfter())
                .hasValueSatisfying(wait -> assertThat(wait).isGreaterThan(Duration.ofDays(365)));
        receiver.behave(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "soon");
            FakeReceiver.status(exchange, 503, "");
        });
        assertThat(send()).isEqualTo(new Outcome.Failed("HTTP 503"));
    }

    @Test
    void aServerThatHangsIsGivenUp() throws Exception {
        receiver.behave(exchange -> over.await());
        assertThat(send(receiver.url() + "/hook/s3cret", Duration.ofMillis(300)).said())
                .matches("127.0.0.1:\\d+ gave no whole answer within 300 ms");
    }

    @Test
    void aServerThatHangsWithinItsAnswerIsGivenUp() throws Exception {
        receiver.behave(exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            over.await();
        });
        assertThat(send(receiver.url() + "/hook/s3cret", Duration.ofMillis(500)))
                .isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void ofAnAnswerWithoutEndOnlyTheBeginningIsRead() throws Exception {
        receiver.behave(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] some = "x".repeat(8192).getBytes();
            while (over.getCount() > 0) {
                exchange.getResponseBody().write(some);
            }
        });
        Outcome outcome = send();
        assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
        assertThat(outcome.said()).hasSizeLessThan(250);
    }

    @Test
    void aServerThatIsNotThereIsTriedAgainAndNamedWithoutItsPath() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThat(send("http://127.0.0.1:" + free + "/hook/s3cret", Duration.ofSeconds(30)))
                .isEqualTo(new Outcome.Failed("127.0.0.1:" + free + ": no connection"));
    }

    @Test
    void whatAnAnswerRepeatsOfSecretsIsNotShown() throws Exception {
        receiver.behave(
                exchange -> FakeReceiver.status(exchange, 400, "no " + exchange.getRequestURI() + " for Bearer t0ken"));
        assertThat(send()).isEqualTo(new Outcome.Refused("HTTP 400: no *** for ***"));
        assertThat(List.of(new Secret("x"))).hasToString("[***]");
    }
}
