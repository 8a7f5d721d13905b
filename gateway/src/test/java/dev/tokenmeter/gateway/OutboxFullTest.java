package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.UsageEvent;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers see of a gateway whose outbox is full, as the operator chose. */
class OutboxFullTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final int MANY = 1_000;

    @TempDir
    Path dir;

    private TestGateway gateway(String whenFull) throws Exception {
        TestGateway gateway =
                new TestGateway(dir, "gateway.outbox.max-bytes", "65536", "gateway.outbox.when-full", whenFull);
        gateway.upstream.answerJson("openai-chat.json");
        gateway.sink.setAway(true);
        return gateway;
    }

    private static double dropped(TestGateway gateway) {
        return gateway.meters
                .get("tokenmeter.gateway.outbox.dropped.events")
                .counter()
                .count();
    }

    @Test
    void oneThatServesAnswersOnAndCountsWhatItDrops() throws Exception {
        try (TestGateway gateway = gateway("serve")) {
            int answered = 0;
            while (dropped(gateway) < 3 && answered < MANY) {
                assertThat(gateway.post(CHAT, "{}").statusCode()).isEqualTo(200);
                answered++;
            }
            assertThat(gateway.health.ready().get("outbox").up()).isFalse();
            gateway.sink.setAway(false);
            int kept = answered - (int) dropped(gateway);
            await().atMost(20, TimeUnit.SECONDS).until(() -> delivered(gateway) == kept);
            await().until(() -> gateway.health.ready().get("outbox").up());
        }
    }

    /** After a failure some events come twice, under their ids. */
    private static long delivered(TestGateway gateway) {
        return gateway.sink.events().stream()
                .map(UsageEvent::getEventId)
                .distinct()
                .count();
    }

    @Test
    void oneThatRefusesDoesSoInTheProvidersFormatAndLosesNothing() throws Exception {
        try (TestGateway gateway = gateway("refuse")) {
            int answered = 0;
            HttpResponse<String> answer = gateway.post(CHAT, "{}");
            while (answer.statusCode() == 200 && answered < MANY) {
                answered++;
                answer = gateway.post(CHAT, "{}");
            }
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("outbox_full").contains("gateway.outbox.when-full");
            assertThat(gateway.post("/anthropic/v1/messages/count_tokens", "{}").statusCode())
                    .as("a call that bills nothing")
                    .isEqualTo(200);
            gateway.sink.setAway(false);
            int kept = answered;
            await().atMost(20, TimeUnit.SECONDS).until(() -> delivered(gateway) == kept);
            assertThat(gateway.sink.events().stream()
                            .map(UsageEvent::getEventId)
                            .distinct())
                    .hasSize(kept);
            assertThat(dropped(gateway)).isZero();
            await().until(() -> gateway.post(CHAT, "{}").statusCode() == 200);
        }
    }
}
