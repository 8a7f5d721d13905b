package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.SchemaRegistryClient;
import dev.tokenmeter.standalone.cli.DeadLettersCommand;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every kind of record that cannot be used, among good ones; and all that can be mended sent again by one command. */
@ExtendWith(StandaloneExtension.class)
class DeadLettersTest {
    private static final String TENANT = "dead-letters";
    private static final String KEY = TENANT + "-key";

    private final RunningStandalone product;
    private final SchemaRegistryClient registry;
    private final Instant start = Instant.now();
    private final Instant hour = start.truncatedTo(ChronoUnit.HOURS);
    private final Instant lateHour =
            hour.minus(Duration.ofDays(35).plusHours(12)).truncatedTo(ChronoUnit.HOURS);
    private final Path settings;

    DeadLettersTest(RunningStandalone product) throws Exception {
        this.product = product;
        this.registry = new SchemaRegistryClient(
                List.of(product.standalone.settings().required("kafka.schema.registry.url")), "");
        this.settings = Cli.settings(product, Map.of());
    }

    @Test
    void poisonAndLateEventsAreSetAsideAndCountOnceWhenTheyAreMendedAndSentAgain() throws Exception {
        // Ids are given one after the other, and services of this standalone may take some meanwhile.
        int unknownSchema = register("first") + 20;
        try (Producer<String, byte[]> producer = new KafkaProducer<>(
                        product.kafka().producer("test"), new StringSerializer(), new ByteArraySerializer());
                Serializer<UsageEvent> events = product.kafka().valueSerializer()) {
            byte[] good = events.serialize(Topics.USAGE.topicName(), costing(hour, "1"));
            send(producer, good);
            byte[] wrongMagicByte = good.clone();
            wrongMagicByte[0] = 7;
            send(producer, wrongMagicByte);
            send(producer, Arrays.copyOf(good, good.length / 2));
            send(producer, encoded(costing(hour, "10"), unknownSchema));
            send(producer, events.serialize(Topics.USAGE.topicName(), costing(lateHour, "100")));
            send(producer, events.serialize(Topics.USAGE.topicName(), costing(hour, "1000")));
        }

        await("the stream goes on", () -> isExact(hour, "1001"));
        await("all are set aside", () -> open().size() == 7);
        assertThat(messages("stream-aggregator", "poison"))
                .as("why")
                .hasSize(3)
                .anyMatch(why -> why.contains("magic byte 7"))
                .anyMatch(why -> why.contains("bad Avro"))
                .anyMatch(why -> why.contains("/schemas/ids/" + unknownSchema + " answered 404"))
                .hasSameElementsAs(messages("storage", "poison"));
        assertThat(messages("stream-aggregator", "late")).hasSize(1);
        assertThat(run("list").out()).contains("stream-aggregator: late", "storage: poison", "magic byte 7");

        for (int id = 0, filler = 0; id < unknownSchema - 1; filler++) {
            id = register("filler_" + filler);
        }
        assertThat(register("two")).as("the schema that was missing").isEqualTo(unknownSchema);
        assertThat(run("replay", "--dry-run").out()).contains("7  would be settled");
        assertThat(run("replay", "--accept-late").out())
                .as("several letters of one record are one")
                .contains("4  replayed");
        await("what was mended counts", () -> isExact(hour, "1011") && isExact(lateHour, "100"));
        await("the rest is back", () -> open().size() == 4);
        assertThat(open()).allMatch(letter -> ((JsonObject) letter).getInteger("attempts") == 1);

        assertThat(run("replay", "--accept-late", "--max-attempts", "1").out())
                .as("nothing goes round for ever")
                .contains("left")
                .doesNotContain("replayed");
        assertThat(run("discard", "--reason", "poison").out()).contains("2  discarded");
        assertThat(open()).isEmpty();
        assertThat(isExact(hour, "1011") && isExact(lateHour, "100")).isTrue();
    }

    private static UsageEvent costing(Instant at, String usd) {
        return TestEvents.costing(TENANT, at.plusSeconds(1), new BigDecimal(usd));
    }

    private static void send(Producer<String, byte[]> producer, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), KEY, value))
                .get();
    }

    /** A later version of the event's schema, as another team's gateway may have it. */
    private static Schema later(String field) {
        Schema now = UsageEvent.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        now.getFields().forEach(one -> fields.add(new Schema.Field(one, one.schema())));
        fields.add(new Schema.Field(field, SchemaBuilder.builder().stringType(), "", ""));
        return Schema.createRecord(now.getName(), null, now.getNamespace(), false, fields);
    }

    private int register(String field) {
        return registry.register("dead-letters-" + field, later("of_test_" + field), false);
    }

    private static byte[] encoded(UsageEvent event, int schemaId) throws Exception {
        Schema schema = later("of_test_two");
        GenericData model = event.getSpecificData();
        GenericRecord record = new GenericData.Record(schema);
        event.getSchema().getFields().forEach(field -> record.put(field.name(), event.get(field.pos())));
        record.put("of_test_two", "");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
        var encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(schema, model).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private Cli run(String command, String... more) {
        List<String> args =
                new ArrayList<>(List.of(command, "--config", settings.toString(), "--from", start.toString()));
        args.addAll(List.of(more));
        Cli run = Cli.run(new DeadLettersCommand(), args.toArray(String[]::new));
        assertThat(run.exit()).as(run.out()).isZero();
        return run;
    }

    private JsonArray open() {
        JsonArray mine = new JsonArray();
        new JsonObject(run("list", "--json").out())
                .getJsonArray("letters").stream()
                        .filter(letter -> KEY.equals(((JsonObject) letter).getString("key")))
                        .forEach(mine::add);
        return mine;
    }

    private List<String> messages(String service, String reason) {
        return open().stream()
                .map(JsonObject.class::cast)
                .filter(letter -> letter.getString("service").equals(service)
                        && letter.getString("reason").equals(reason))
                .map(letter -> letter.getString("message"))
                .toList();
    }

    private boolean isExact(Instant from, String usd) {
        JsonObject ledger = product.get(
                        "/api/v1/ledger-check?tenant=" + TENANT + "&from=" + from + "&to=" + from.plusSeconds(3600))
                .getJsonObject("data");
        return ledger.getBoolean("exact")
                && new BigDecimal(ledger.getJsonObject("events").getString("cost_usd")).compareTo(new BigDecimal(usd))
                        == 0;
    }
}
