package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertGroup;
import dev.tokenmeter.schemas.GroupedAlert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.streams.PerThreadSerde;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Serde;

/** How the stage's values are written. */
public record NotifySerdes(
        Serde<Alert> alerts, Serde<AlertGroup> groups, Serde<GroupedAlert> grouped, Serde<Notification> notifications) {
    /** With the registry of the settings. */
    public static NotifySerdes from(KafkaSettings kafka) {
        PerThreadSerde<IndexedRecord> avro = PerThreadSerde.avro(kafka);
        return new NotifySerdes(
                avro.as(Alert.class),
                avro.as(AlertGroup.class),
                avro.as(GroupedAlert.class),
                avro.as(Notification.class));
    }
}
