package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.streams.PerThreadSerde;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Serde;

/** How the values of topics and stores are written. */
record AlertingSerdes(
        Serde<BudgetStatus> statuses,
        Serde<Anomaly> anomalies,
        Serde<UsageRollup> rollups,
        Serde<Price> prices,
        Serde<Alert> alerts) {
    static AlertingSerdes from(KafkaSettings kafka) {
        PerThreadSerde<IndexedRecord> avro = PerThreadSerde.avro(kafka);
        return new AlertingSerdes(
                avro.as(BudgetStatus.class),
                avro.as(Anomaly.class),
                avro.as(UsageRollup.class),
                avro.as(Price.class),
                avro.as(Alert.class));
    }
}
