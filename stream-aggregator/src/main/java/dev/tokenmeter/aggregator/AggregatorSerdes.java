package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.streams.PerThreadSerde;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Serde;

/** How the values of topics and stores are written. */
record AggregatorSerdes(
        Serde<UsageEvent> events,
        Serde<UsageRollup> rollups,
        Serde<Budget> budgets,
        Serde<BudgetStatus> statuses,
        Serde<Anomaly> anomalies) {

    static AggregatorSerdes from(KafkaSettings kafka) {
        PerThreadSerde<IndexedRecord> avro = PerThreadSerde.avro(kafka);
        return new AggregatorSerdes(
                avro.as(UsageEvent.class),
                avro.as(UsageRollup.class),
                avro.as(Budget.class),
                avro.as(BudgetStatus.class),
                avro.as(Anomaly.class));
    }
}
