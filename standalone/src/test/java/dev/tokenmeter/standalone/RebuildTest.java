package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.aggregator.RebuildSettings;
import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.aggregator.rebuild.RebuildLog;
import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.standalone.cli.DeadLettersCommand;
import dev.tokenmeter.standalone.cli.RebuildCommand;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rollups that are wrong are right after a rebuild, whatever happens meanwhile. */
@ExtendWith(StandaloneExtension.class)
class RebuildTest {
    private static final String TENANT = "rebuild";

    private final RunningStandalone product;
    private final Path settings;
    private final Random random = new Random(9);
    private final Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
    private final Instant yesterday = today.minus(Duration.ofDays(1));
    private BigDecimal ofYesterday = BigDecimal.ZERO;
    private BigDecimal ofToday = BigDecimal.ZERO;

    RebuildTest(RunningStandalone product) throws Exception {
        this.product = product;
        this.settings = Cli.settings(product, Map.of());
    }

    @Test
    @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void wrongRollupsAreRightAfterARebuildThatWasKilledAndRunAgainWhileCallsComeIn() throws Exception {
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (int i = 0; i < 1_000; i++) {
                send(producer, yesterday.plusSeconds(random.nextInt(86_000)), true);
                send(producer, today, false);
            }
            producer.flush();
            await("all is summed", () -> isExact(yesterday, ofYesterday) && isExact(today, ofToday));
            spoil(yesterday, today.plus(Duration.ofDays(1)));
            await("it is wrong", () -> !isExact(yesterday, ofYesterday) && !isExact(today, ofToday));

            Load load = new Load(producer);
            load.start();
            killMidway();
            Cli rebuilt = rebuild("--source", "clickhouse");
            assertThat(rebuilt.exit()).as(rebuilt.out()).isZero();
            load.finish();
        }
        await("right", () -> isExact(yesterday, ofYesterday) && isExact(today, ofToday));

        spoil(yesterday, today);
        await("it is wrong again", () -> !isExact(yesterday, ofYesterday));
        Cli dry = rebuild("--source", "log", "--until", today.toString(), "--dry-run");
        assertThat(dry.out()).contains("differ", "Nothing was changed");
        Cli rebuilt = rebuild("--source", "log", "--until", today.toString(), "--group", "detail", "--group", "tenant");
        assertThat(rebuilt.exit()).as(rebuilt.out()).isZero();
        assertThat(rebuilt.out()).contains("The ledger is exact");
        await("right again", () -> isExact(yesterday, ofYesterday));
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLateEventThatIsNotWantedInTheStreamIsCountedByARebuildAndNotSentAgain() throws Exception {
        String tenant = "rebuild-late";
        Instant start = Instant.now();
        Instant longAgo = today.minus(Duration.ofDays(300));
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (Instant at : new Instant[] {start.truncatedTo(ChronoUnit.MICROS), longAgo.plusSeconds(7)}) {
                UsageEvent event = TestEvents.costing(tenant, at, new BigDecimal("3"));
                producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event))
                        .get();
            }
        }
        String[] list = {"list", "--config", settings.toString(), "--from", start.toString(), "--reason", "late"};
        await(
                "it is refused",
                () -> Cli.run(new DeadLettersCommand(), list).out().contains("late-after"));
        await(
                "and stored",
                () -> !product.get(ledger(tenant, longAgo))
                        .getJsonObject("data")
                        .getBoolean("exact"));

        Cli rebuilt = Cli.run(
                new RebuildCommand(),
                "--config",
                settings.toString(),
                "--from",
                longAgo.toString(),
                "--until",
                longAgo.plus(Duration.ofDays(1)).toString());

        assertThat(rebuilt.exit()).as(rebuilt.out()).isZero();
        assertThat(rebuilt.out()).contains("1 refused late events are counted now");
        assertThat(Cli.run(new DeadLettersCommand(), list).out()).contains("No refused records");
    }

    @Test
    @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aGroupThatIsNewGetsItsPast() throws Exception {
        Path data = RunningStandalone.newFolder();
        int offset;
        try (RunningStandalone before = new RunningStandalone(data)) {
            offset = before.portOffset;
            try (KafkaProducer<String, UsageEvent> producer = before.producer()) {
                for (int i = 0; i < 300; i++) {
                    send(producer, yesterday.plusSeconds(random.nextInt(86_000)), true);
                }
            }
            await("all is summed", () -> isExact(before, yesterday, ofYesterday));
        }
        Map<String, String> more = Map.of("stream-aggregator.dimension-groups.by-key", "tenant,api_key_id");
        try (RunningStandalone after = new RunningStandalone(data, offset, more)) {
            Cli rebuilt = Cli.run(
                    new RebuildCommand(),
                    "--config",
                    Cli.settings(after, more).toString(),
                    "--from",
                    yesterday.toString());

            assertThat(rebuilt.exit()).as(rebuilt.out()).isZero();
            await("it is exact", () -> isExact(after, yesterday, ofYesterday));
            assertThat(after.get(ledger(TENANT, yesterday)).encode()).contains("by-key");
        }
    }

    private void send(KafkaProducer<String, UsageEvent> producer, Instant at, boolean past) {
        UsageEvent event = TestEvents.event(TENANT, random.nextInt(5), at, random);
        producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
        if (past) {
            ofYesterday = ofYesterday.add(event.getCostUsd());
        } else {
            ofToday = ofToday.add(event.getCostUsd());
        }
    }

    /** Calls that come in while it is rebuilt: of today, and for some seconds late ones of yesterday. */
    private final class Load extends Thread {
        private static final int LATE_ONES = 400;
        private final KafkaProducer<String, UsageEvent> producer;
        private volatile boolean done;

        Load(KafkaProducer<String, UsageEvent> producer) {
            this.producer = producer;
        }

        @Override
        public void run() {
            for (int i = 0; !done; i++) {
                send(producer, today, false);
                if (i < LATE_ONES) {
                    send(producer, yesterday.plusSeconds(random.nextInt(86_000)), true);
                }
                try {
                    Thread.sleep(20);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        void finish() throws InterruptedException {
            done = true;
            join();
            producer.flush();
        }
    }

    /** Tells the aggregator figures of its rollups that are not so, and a rollup that nobody's calls are in. */
    private void spoil(Instant from, Instant until) throws Exception {
        RebuildSettings aggregator = RebuildSettings.from(product.standalone.settings());
        try (RebuildLog log = new RebuildLog(product.kafka(), aggregator.applicationId(), Duration.ofSeconds(30))) {
            Cut cut = log.end(RebuildScope.of(from, until, TENANT, Instant.now()));
            for (Instant day = from; day.isBefore(until); day = day.plus(Duration.ofDays(1))) {
                var sums = aggregator.sums(
                        Set.of(), EnumSet.of(Granularity.hour, Granularity.day), day, day.plus(Duration.ofDays(1)));
                sums.add(TestEvents.event(TENANT, 1, day.plusSeconds(1), random));
                sums.add(TestEvents.event(TENANT, 99, day.plusSeconds(1), random));
                sums.forEach((key, rollup) -> log.replace(cut, key, rollup));
            }
            log.awaitReplaced();
        }
    }

    private Cli rebuild(String... more) {
        String[] args = new String[6 + more.length];
        System.arraycopy(
                new String[] {"--config", settings.toString(), "--tenant", TENANT, "--from", yesterday.toString()},
                0,
                args,
                0,
                6);
        System.arraycopy(more, 0, args, 6, more.length);
        return Cli.run(new RebuildCommand(), args);
    }

    /** The command as a process of its own, killed with SIGKILL when it is done with the first of two days. */
    private void killMidway() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                Main.class.getName(),
                "rebuild",
                "--config",
                settings.toString(),
                "--tenant",
                TENANT,
                "--from",
                yesterday.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.redirectErrorStream(true).start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder seen = new StringBuilder();
            for (int c = out.read(); c >= 0 && seen.indexOf("(1 of 2)") < 0; c = out.read()) {
                seen.append((char) c);
            }
            assertThat(seen).contains("(1 of 2)");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String ledger(String tenant, Instant day) {
        return "/api/v1/ledger-check?tenant=" + tenant + "&from=" + day + "&to=" + day.plus(Duration.ofDays(1));
    }

    private boolean isExact(Instant day, BigDecimal usd) {
        return isExact(product, day, usd);
    }

    private static boolean isExact(RunningStandalone product, Instant day, BigDecimal usd) {
        JsonObject found = product.get(ledger(TENANT, day)).getJsonObject("data");
        return found.getBoolean("exact")
                && new BigDecimal(found.getJsonObject("events").getString("cost_usd")).compareTo(usd) == 0;
    }
}
