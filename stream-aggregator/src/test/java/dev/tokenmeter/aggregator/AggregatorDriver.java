package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.deadletter.Replays;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The whole topology on real RocksDB stores, with a clock that the test moves. */
final class AggregatorDriver implements AutoCloseable {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final TopologyTestDriver driver;

    private final AggregatorSerdes serdes = TestSerdes.all();
    private final Path stateDir;
    private final TestInputTopic<byte[], byte[]> usage;
    private final TestInputTopic<byte[], byte[]> budgets;
    private final TestInputTopic<byte[], byte[]> replacements;
    private final TestOutputTopic<String, UsageRollup> rollups;
    private final TestOutputTopic<String, BudgetStatus> statuses;
    private final TestOutputTopic<String, Anomaly> anomalies;
    private final TestOutputTopic<String, byte[]> deadLetters;
    private Instant now;

    AggregatorDriver(Instant now) {
        this(now, Map.of());
    }

    AggregatorDriver(Instant now, Map<String, String> settings) {
        this.now = now;
        try {
            stateDir = Files.createTempDirectory("aggregator");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        AggregatorConfig config = AggregatorConfig.from(Settings.of(settings));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(new AggregatorTopology(config, serdes, meters, 4).build(), properties, now);
        usage = input(Topics.USAGE);
        budgets = input(Topics.BUDGETS);
        replacements = input(Topics.ROLLUP_REPLACEMENTS);
        rollups = output(Topics.ROLLUPS, serdes.rollups().deserializer());
        statuses = output(Topics.BUDGET_STATUS, serdes.statuses().deserializer());
        anomalies = output(Topics.ANOMALIES, serdes.anomalies().deserializer());
        deadLetters = output(Topics.DEAD_LETTER, new ByteArrayDeserializer());
    }

    private TestInputTopic<byte[], byte[]> input(Topics topic) {
        return driver.createInputTopic(topic.topicName(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private <T> TestOutputTopic<String, T> output(Topics topic, Deserializer<T> values) {
        return driver.createOutputTopic(topic.topicName(), new StringDeserializer(), values);
    }

    Instant now() {
        return now;
    }

    /** Moves the clock, and with it what happens by the clock. */
    void advance(Duration duration) {
        now = now.plus(duration);
        driver.advanceWallClockTime(duration);
    }

    /** Sends an event, now. */
    void send(UsageEvent event) {
        sendBytes(
                event.getApiKeyId().getBytes(StandardCharsets.UTF_8),
                serdes.events().serializer().serialize("", event));
    }

    /** Cuts the log, as a rebuild does. */
    void cut(RebuildScope scope) {
        TestRecord<byte[], byte[]> record = new TestRecord<>(null, null, now);
        record.headers().add(RebuildScope.CUT, scope.toBytes());
        usage.pipeInput(record);
    }

    void replace(RebuildScope scope, String key, UsageRollup rollup) {
        TestRecord<byte[], byte[]> record = new TestRecord<>(
                key.getBytes(StandardCharsets.UTF_8),
                serdes.rollups().serializer().serialize("", rollup),
                now);
        record.headers().add(RebuildScope.OF, scope.toBytes());
        replacements.pipeInput(record);
    }

    /** Sends an event as one that was refused for this reason and is not to be refused for it again. */
    void sendAgain(UsageEvent event, String accepted) {
        TestRecord<byte[], byte[]> record = new TestRecord<>(
                event.getApiKeyId().getBytes(StandardCharsets.UTF_8),
                serdes.events().serializer().serialize("", event),
                now);
        record.headers().add(Replays.ACCEPT, accepted.getBytes(StandardCharsets.UTF_8));
        usage.pipeInput(record);
    }

    void sendBytes(byte[] key, byte[] value) {
        usage.pipeInput(new TestRecord<>(key, value, now));
    }

    void define(Budget budget) {
        defineBytes(budget.getBudgetId(), serdes.budgets().serializer().serialize("", budget));
    }

    void defineBytes(String key, byte[] value) {
        budgets.pipeInput(new TestRecord<>(key.getBytes(StandardCharsets.UTF_8), value, now));
    }

    static Budget.Builder budget(String id, String tenant, String amountUsd) {
        return Budget.newBuilder()
                .setBudgetId(id)
                .setTenant(tenant)
                .setName("Production")
                .setAmountUsd(Money.exact(new BigDecimal(amountUsd)))
                .setUpdatedAt(Instant.EPOCH);
    }

    /** What was told of rollups, with what waits to be told. */
    List<TestRecord<String, UsageRollup>> newRollups() {
        advance(Duration.ofSeconds(1));
        return rollups.readRecordsToList();
    }

    /** The last rollup of each key, as a reader of the topic that keeps the highest revision has them. */
    Map<String, UsageRollup> lastRollups() {
        Map<String, UsageRollup> last = new LinkedHashMap<>();
        newRollups()
                .forEach(record ->
                        last.merge(record.key(), record.value(), (a, b) -> a.getRevision() > b.getRevision() ? a : b));
        return last;
    }

    UsageRollup last(Map<String, UsageRollup> rollups, String group, Granularity granularity) {
        return rollups.values().stream()
                .filter(r -> r.getDimensionGroup().equals(group) && r.getGranularity() == granularity)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    /** What was said of budgets, with what the next tick adds. */
    List<TestRecord<String, BudgetStatus>> newStatuses() {
        advance(Duration.ofMillis(100));
        return statuses.readRecordsToList();
    }

    List<Anomaly> newAnomalies() {
        advance(Duration.ofSeconds(1));
        return anomalies.readValuesToList();
    }

    List<TestRecord<String, byte[]>> newDeadLetters() {
        return deadLetters.readRecordsToList();
    }

    static String header(TestRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        driver.close();
        try {
            Utils.delete(stateDir.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
