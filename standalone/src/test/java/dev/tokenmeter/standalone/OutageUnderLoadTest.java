package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.standalone.SteadyLoad.Figures;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka and the registry away while calls come at a steady rate: some seconds, or as long as
 * {@code -Dtokenmeter.outage=10m} says. What it measured is in {@code target/outage-under-load.txt}.
 */
class OutageUnderLoadTest {
    private static final int CALLS_A_SECOND = 150;
    /** A hiccup of the machine is in one or two of them. */
    private static final int STRETCHES = 5;

    private static final String SECRET = "tm-outage-under-load";

    @TempDir
    private Path folder;

    @Test
    void trafficIsServedAtFullSpeedWhileKafkaAndTheRegistryAreAwayAndNotOneEventIsMissingAfterwards() throws Exception {
        Duration outage = Settings.of(Map.of("outage", System.getProperty("tokenmeter.outage", "10s")))
                .duration("outage", Duration.ZERO);
        try (NumberedProvider provider = new NumberedProvider();
                Surroundings around = new Surroundings(folder)) {
            around.startKafkaAndRegistry();
            around.startGateway(provider.baseUrl());
            await("the gateway is ready", around::isReady);
            addKey(around);
            SteadyLoad load = new SteadyLoad(around.chatCompletions(), SECRET);
            await("the gateway knows the key", () -> keys(around) == 1);
            load.flatOut(Duration.ofSeconds(5)); // warms up

            Figures steadyBefore = load.steady(CALLS_A_SECOND, Duration.ofSeconds(5));
            Figures flatOutBefore = bestOfThree(load);
            around.stopKafkaAndRegistry();
            List<Figures> stretches = new ArrayList<>();
            for (int i = 0; i < STRETCHES; i++) {
                stretches.add(load.steady(CALLS_A_SECOND, outage.dividedBy(STRETCHES)));
            }
            stretches.sort(Comparator.comparingDouble(Figures::p99));
            Figures steadyDuring = stretches.get(STRETCHES / 2);
            Figures flatOutDuring = bestOfThree(load);
            double waiting = around.metric("tokenmeter_gateway_outbox_events");
            double age = around.metric("tokenmeter_gateway_outbox_oldest_age_seconds");
            around.startKafkaAndRegistry();
            Figures steadyAfter = load.steady(CALLS_A_SECOND, Duration.ofSeconds(3));
            long backAt = System.nanoTime();
            await("the outbox is empty", () -> around.metric("tokenmeter_gateway_outbox_events") == 0);
            Duration drain = Duration.ofNanos(System.nanoTime() - backAt);

            Files.writeString(Path.of("target", "outage-under-load.txt"), """
                    outage of %s
                    steady before: %s
                    steady during: %s
                    steady after:  %s
                    flat out before: %s
                    flat out during: %s
                    events that waited at its end: %.0f, the oldest for %.0f s; outbox empty %d ms after the load ended
                    """.formatted(
                            outage,
                            steadyBefore,
                            steadyDuring,
                            steadyAfter,
                            flatOutBefore,
                            flatOutDuring,
                            waiting,
                            age,
                            drain.toMillis()));
            assertThat(load.failures()).isEmpty();
            int steady = stretches.stream().mapToInt(Figures::calls).sum();
            assertThat(waiting).isGreaterThanOrEqualTo(steady + flatOutDuring.calls());
            assertThat(stretches).as("no answer waits for Kafka").allMatch(stretch -> stretch.max() < 5_000);
            assertThat(age).isGreaterThanOrEqualTo(outage.toSeconds());
            isAsFast(steadyDuring, steadyBefore);
            assertThat(flatOutDuring.perSecond())
                    .as("of what the same callers had before: %s", flatOutBefore)
                    .isGreaterThan(0.7 * flatOutBefore.perSecond());
            assertThat(around.metric("tokenmeter_gateway_outbox_dropped_events_total"))
                    .isZero();
            holdsEachAnswerOnce(around.events(), load.answered());
        }
    }

    private static Figures bestOfThree(SteadyLoad load) throws Exception {
        List<Figures> tries = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tries.add(load.flatOut(Duration.ofSeconds(1)));
        }
        return Collections.max(tries, Comparator.comparingDouble(Figures::perSecond));
    }

    /** Within what a shared machine does to two stretches of the same load. */
    private static void isAsFast(Figures during, Figures before) {
        assertThat(during.perSecond()).isGreaterThan(0.95 * before.perSecond());
        assertThat(during.p50()).as("p50, before: %s", before).isLessThan(1.5 * before.p50() + 3);
        assertThat(during.p99()).as("p99, before: %s", before).isLessThan(2 * before.p99() + 50);
    }

    /** An event may be sent twice, under its id; an answer must have one id. */
    private static void holdsEachAnswerOnce(List<UsageEvent> events, Set<String> answered) {
        Map<UUID, String> answers = new HashMap<>();
        events.forEach(event -> answers.put(event.getEventId(), event.getProviderRequestId()));
        assertThat(answers.values()).hasSize(answered.size());
        assertThat(answers.values().stream().collect(Collectors.toSet())).isEqualTo(answered);
    }

    private static double keys(Surroundings around) throws Exception {
        return around.metric("tokenmeter_gateway_keys");
    }

    private static void addKey(Surroundings around) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(SECRET.getBytes(StandardCharsets.UTF_8));
        ApiKey key = ApiKey.newBuilder()
                .setApiKeyId("key_outage")
                .setKeyHash(HexFormat.of().formatHex(hash))
                .setTenant("acme")
                .setName("outage")
                .setEnabled(true)
                .setCreatedAt(Instant.now())
                .build();
        try (KafkaProducer<String, ApiKey> producer =
                new KafkaProducer<>(around.clients().producer("test"))) {
            producer.send(new ProducerRecord<>(Topics.KEYS.topicName(), key.getApiKeyId(), key))
                    .get();
        }
    }
}
