package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import dev.tokenmeter.storage.query.LedgerCheck;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers and two aggregators with standby replicas, each a process of its own. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ScaleOutTest {
    private static final String TENANT = "scale";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    @Test
    void theLedgerIsExactAfterABrokerAndAnAggregatorWereKilledUnderLoad() throws Exception {
        try (Cluster cluster = new Cluster(folder)) {
            cluster.startAggregator("a");
            cluster.startAggregator("b");
            await().atMost(PATIENCE).ignoreExceptions().until(() -> cluster.isReady("a") && cluster.isReady("b"));
            defineBudget(cluster);
            try (Load load = new Load(cluster);
                    ClickHouse store = new ClickHouse(ClickHouseConfig.from(cluster.settings()), 2, Map.of())) {
                LedgerCheck ledger = new LedgerCheck(store);
                await("both are at work")
                        .atMost(PATIENCE)
                        .until(() -> !ledger.run(load.range(), Optional.of(TENANT))
                                .rollups()
                                .isEmpty());

                cluster.killAggregator("a");
                Thread.sleep(2_000); // under load
                cluster.killBroker(2);
                Thread.sleep(5_000); // the load goes on over the loss of both
                load.stop();

                await("an exact ledger").atMost(PATIENCE).until(() -> isExact(ledger, load));
                await("so the budget says")
                        .atMost(PATIENCE)
                        .until(() -> spent(cluster).compareTo(load.cost) == 0);
                assertThat(load.events).isGreaterThan(1_000);
            }
        }
    }

    private static boolean isExact(LedgerCheck ledger, Load load) {
        LedgerCheck.Result result = ledger.run(load.range(), Optional.of(TENANT));
        return result.exact()
                && result.events().get("requests").compareTo(BigDecimal.valueOf(load.events)) == 0
                && result.events().get("cost_usd").compareTo(load.cost) == 0;
    }

    private static void defineBudget(Cluster cluster) throws Exception {
        Budget budget = Budget.newBuilder()
                .setBudgetId("scale-budget")
                .setTenant(TENANT)
                .setName("Scale")
                .setPeriod("total")
                .setAmountUsd(Money.exact(new BigDecimal("1000000")))
                .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
                .build();
        try (KafkaProducer<String, Budget> producer =
                new KafkaProducer<>(cluster.clients().producer("test"))) {
            producer.send(new ProducerRecord<>(Topics.BUDGETS.topicName(), budget.getBudgetId(), budget))
                    .get();
        }
    }

    private static BigDecimal spent(Cluster cluster) {
        BigDecimal spent = BigDecimal.ZERO;
        try (KafkaConsumer<String, BudgetStatus> consumer =
                new KafkaConsumer<>(cluster.clients().consumer(null))) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.BUDGET_STATUS.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    spent = record.value() == null ? spent : record.value().getSpentUsd();
                }
            }
        }
        return spent;
    }

    /** Some hundred events a second, every fifth of them twice; each is acknowledged by the time it has stopped. */
    private static final class Load implements AutoCloseable {
        private static final int A_SECOND = 400;

        private final Instant from = Instant.now().truncatedTo(ChronoUnit.HOURS);
        private final KafkaProducer<String, UsageEvent> producer;
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final Map<String, Exception> failures = new HashMap<>();
        private final Thread thread = new Thread(this::run, "load");
        private volatile BigDecimal cost = BigDecimal.ZERO;
        private volatile long events;

        Load(Cluster cluster) {
            producer = new KafkaProducer<>(cluster.clients().producer("load"));
            thread.start();
        }

        /** Whole hours around all events. */
        TimeRange range() {
            return new TimeRange(from, from.plus(3, ChronoUnit.HOURS));
        }

        private void run() {
            Random random = new Random(5);
            long begun = System.nanoTime();
            for (int i = 0; !stopped.get(); i++) {
                UsageEvent event =
                        TestEvents.event(TENANT, i % 11, Instant.now().truncatedTo(ChronoUnit.MICROS), random);
                cost = cost.add(event.getCostUsd());
                events++;
                for (int copy = i % 5 == 0 ? 2 : 1; copy > 0; copy--) {
                    producer.send(
                            new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event),
                            (sent, failure) -> {
                                if (failure != null) {
                                    failures.put(event.getEventId().toString(), failure);
                                }
                            });
                }
                long ahead = begun + (i + 1) * 1_000_000_000L / A_SECOND - System.nanoTime();
                if (ahead > 1_000_000) {
                    java.util.concurrent.locks.LockSupport.parkNanos(ahead);
                }
            }
            producer.flush();
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.join();
            assertThat(failures).as("events that Kafka refused").isEmpty();
        }

        @Override
        public void close() throws InterruptedException {
            stopped.set(true);
            thread.join();
            producer.close();
        }
    }
}
