import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Prints every step of every alert. Copy it and put your own code into {@code onAlert}.
 *
 * <pre>java -cp "standalone/target/lib/*" docs/examples/AlertSubscriber.java localhost:9092 http://localhost:8081</pre>
 *
 * With Confluent's libraries on the class path give a third argument: io.confluent.kafka.serializers.KafkaAvroDeserializer.
 */
public class AlertSubscriber {
    public static void main(String[] args) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", args[0]);
        settings.put("schema.registry.url", args[1]);
        settings.put("value.deserializer", args.length > 2 ? args[2] : "dev.tokenmeter.schemas.serde.AvroDeserializer");
        settings.put("specific.avro.reader", "false"); // no class of ours is needed
        settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        settings.put("group.id", "alert-subscriber"); // yours; each group sees all alerts
        settings.put("isolation.level", "read_committed"); // what was taken back was never said
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");

        Set<String> seen = new HashSet<>();
        try (KafkaConsumer<String, GenericRecord> consumer = new KafkaConsumer<>(settings)) {
            consumer.subscribe(List.of("llm.alerts.v1"));
            while (true) {
                for (ConsumerRecord<String, GenericRecord> record : consumer.poll(Duration.ofSeconds(1))) {
                    // After a crash of this program the last steps come again. Keep these keys where you keep your results.
                    GenericRecord alert = record.value();
                    if (seen.add(alert.get("alert_id") + "|" + alert.get("state") + "|" + alert.get("updated_at"))) {
                        onAlert(alert);
                    }
                }
                consumer.commitSync(); // after the work, so that none is missed
            }
        }
    }

    /** One alert's steps come in order: firing, then resolved. */
    private static void onAlert(GenericRecord alert) {
        String state = alert.get("state").toString();
        System.out.println((state.equals("resolved") ? "resolved" : "firing") + " " + alert.get("severity") + " "
                + alert.get("tenant") + ": " + alert.get("summary")
                + (alert.get("observed_usd") == null ? "" : " [" + usd(alert.get("observed_usd")).toPlainString() + " USD]")
                + (alert.get("page_url") == null ? "" : " " + alert.get("page_url")));
    }

    /** Avro's decimal(38,12): bytes, unless the deserializer is told to convert logical types. */
    private static BigDecimal usd(Object amount) {
        if (amount instanceof BigDecimal converted) {
            return converted;
        }
        ByteBuffer buffer = ((ByteBuffer) amount).duplicate();
        byte[] unscaled = new byte[buffer.remaining()];
        buffer.get(unscaled);
        return new BigDecimal(new BigInteger(unscaled), 12);
    }
}
