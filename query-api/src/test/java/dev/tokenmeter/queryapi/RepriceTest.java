package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Past events priced anew, on the real broker and engine. */
class RepriceTest {
    private static final Instant AT = Instant.parse("2026-11-20T09:00:00Z");
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @Test
    void aDryRunTellsWhatWouldChangeAndARunWritesItAsCorrections() throws Exception {
        // 100 tokens in and 10 out: at 3 and 15 dollars a million, 0.00045.
        UsageEvent wrong = event("dry", AT, "model-d", "0.001").build();
        UsageEvent right = event("dry", AT, "model-d", "0.00045")
                .setCostParts(Map.of(
                        "uncached_input_tokens", usd("0.0003"),
                        "text_output_tokens", usd("0.00015")))
                .build();
        UsageEvent blocked = event("dry", AT, "model-d", "0")
                .setOutcome(Outcome.blocked)
                .setCostParts(Map.of())
                .build();
        UsageEvent withdrawn = event("dry", AT, "model-without-price", "0.7").build();
        store(api.db.clickHouse(), wrong, right, blocked, withdrawn);
        definePrice("price-d", "model-d");

        JsonObject dry = ended(request("dry").put("dry_run", true));
        assertThat(dry.getInteger("events_done")).isEqualTo(4);
        assertThat(dry.getInteger("changed")).isEqualTo(1);
        assertThat(dry.getInteger("kept_without_price")).isEqualTo(1);
        assertThat(dry.getString("cost_usd_before")).isEqualTo("0.001");
        assertThat(dry.getString("cost_usd_after")).isEqualTo("0.00045");
        assertThat(dry.getString("difference_usd")).isEqualTo("-0.00055");
        assertThat(corrections("dry")).isEmpty();

        ended(request("dry").put("reason", "the contract says so"));
        List<UsageEvent> corrections = corrections("dry");
        assertThat(corrections).hasSize(1);
        UsageEvent correction = corrections.get(0);
        assertThat(correction.getEventId()).isEqualTo(wrong.getEventId());
        assertThat(correction.getRevision()).isEqualTo(1);
        assertThat(correction.getCostUsd()).isEqualByComparingTo("0.00045");
        assertThat(correction.getCostUsdBefore()).isEqualByComparingTo("0.001");
        assertThat(correction.getCorrectionReason()).isEqualTo("the contract says so");
        assertThat(correction.getCorrectedBy()).isNotEmpty();
        assertThat(UsageCorrections.costAdded(correction)).isEqualByComparingTo("-0.00055");

        store(api.db.clickHouse(), correction); // as the sink does
        assertThat(ended(request("dry").put("reason", "again")).getInteger("changed"))
                .isZero();
        assertThat(corrections("dry")).hasSize(1);
    }

    @Test
    void whatHadNoPriceIsPricedByItselfWhenOneArrives() throws Exception {
        UsageEvent unpriced = event("auto", AT, "brand-new-model", null).build();
        store(api.db.clickHouse(), unpriced);
        definePrice("price-new", "brand-new-model");
        JsonObject dry = ended(request("auto").put("dry_run", true));
        assertThat(dry.containsKey("cost_usd_before")).isTrue();
        assertThat(dry.getValue("cost_usd_before"))
                .as("it cost nothing that is known")
                .isNull();
        assertThat(dry.getString("cost_usd_after")).isEqualTo("0.00045");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(corrections("auto"))
                        .extracting(UsageEvent::getEventId, e -> e.getCostUsd().stripTrailingZeros())
                        .containsExactly(
                                org.assertj.core.groups.Tuple.tuple(unpriced.getEventId(), new BigDecimal("0.00045"))));
    }

    @Test
    void whatComesLongAfterItsPriceIsPricedAllTheSame() throws Exception {
        definePrice("price-early", "model-late");
        awaitQuiet();
        UsageEvent late = event("late", AT, "model-late", null).build(); // days ago: a gateway could not send it
        store(api.db.clickHouse(), late);
        api.clock.move(Duration.ofMinutes(61));

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(corrections("late"))
                        .extracting(UsageEvent::getEventId)
                        .containsOnly(late.getEventId()));
    }

    /** Until what was asked by itself, as prices arrived, is over. */
    private static void awaitQuiet() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            var jobs = api.rows("/api/v1/reprice");
            return jobs.stream()
                    .map(JsonObject.class::cast)
                    .filter(job -> job.getString("requested_by").equals("auto-reprice"))
                    .reduce((first, last) -> last)
                    .filter(job -> job.getString("state").equals("done"))
                    .isPresent();
        });
    }

    @Test
    void aSecondRunWaitsForWhatTheFirstWrote() throws Exception {
        UsageEvent wrong = event("twice", AT, "model-twice", "0.001").build();
        store(api.db.clickHouse(), wrong);
        definePrice("price-twice", "model-twice");
        awaitQuiet();
        try (Admin admin = Admin.create(api.kafka.kafka().admin())) {
            sinkHasRead(admin);
            assertThat(ended(request("twice").put("reason", "first")).getInteger("changed"))
                    .isEqualTo(1);

            JsonObject second = api.send(
                            "POST", "/api/v1/reprice", request("twice").put("reason", "second"))
                    .json()
                    .getJsonObject("data");
            String path = "/api/v1/reprice/" + second.getString("reprice_id");
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            assertThat(api.data(path).getString("state")).isEqualTo("waiting");

            store(api.db.clickHouse(), corrections("twice").toArray(UsageEvent[]::new)); // as the sink does, late
            sinkHasRead(admin);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> api.data(path).getString("state").equals("done"));
            assertThat(api.data(path).getInteger("changed")).isZero();
            assertThat(corrections("twice")).hasSize(1);
            admin.deleteConsumerGroups(List.of("tokenmeter-storage")).all().get();
        }
    }

    private static void sinkHasRead(Admin admin) throws Exception {
        String topic = Topics.USAGE.topicName();
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .forEach(one -> wanted.put(new TopicPartition(topic, one.partition()), OffsetSpec.latest()));
        Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
        admin.listOffsets(wanted)
                .all()
                .get()
                .forEach((partition, offset) -> read.put(partition, new OffsetAndMetadata(offset.offset())));
        admin.alterConsumerGroupOffsets("tokenmeter-storage", read).all().get();
    }

    @Test
    void whatIsWrongInARequestIsNamed() throws Exception {
        assertBad(new JsonObject().put("reason", "x"), "from");
        assertBad(request("x").put("reason", "x").put("from", "2026-01-01T00:00:00Z"), "correctable-for");
        assertBad(request("x").put("reason", "x").put("until", "2026-11-01T00:00:00Z"), "until");
        assertBad(request("x"), "reason");
        assertBad(request("x").put("reason", "x").put("dryrun", true), "dryrun");
        assertThat(api.get("/api/v1/reprice/rep_nothing").status()).isEqualTo(404);
    }

    private static void assertBad(JsonObject body, String named) throws Exception {
        ApiForTests.Answer answer = api.send("POST", "/api/v1/reprice", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains(named);
    }

    private static JsonObject request(String tenant) {
        return new JsonObject().put("from", "2026-11-20T00:00:00Z").put("tenant", tenant);
    }

    private static JsonObject ended(JsonObject body) throws Exception {
        ApiForTests.Answer started = api.send("POST", "/api/v1/reprice", body);
        assertThat(started.status()).as(started.body()).isEqualTo(202);
        String path = "/api/v1/reprice/" + started.json().getJsonObject("data").getString("reprice_id");
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        !List.of("waiting", "running").contains(api.data(path).getString("state")));
        JsonObject job = api.data(path);
        assertThat(job.getString("state")).as(job.encode()).isEqualTo("done");
        return job;
    }

    private static void definePrice(String id, String model) throws Exception {
        Price price = Price.newBuilder()
                .setPriceId(id)
                .setTenant("")
                .setProvider("openai")
                .setModels(List.of(model))
                .setPerMillionTokens(Map.of("uncached_input_tokens", usd("3"), "text_output_tokens", usd("15")))
                .setSource("api")
                .setRecordedAt(AT)
                .setRecordedBy("test")
                .build();
        try (KafkaProducer<String, Price> producer =
                new KafkaProducer<>(api.kafka.kafka().producer("test"))) {
            producer.send(new ProducerRecord<>(Topics.PRICES.topicName(), id, price))
                    .get();
        }
        UsageEvent probe =
                event("probe", AT, model, null).setEventId(UUID.randomUUID()).build();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.prices.pricer().price(probe).getCostUsd() != null);
    }

    private static List<UsageEvent> corrections(String tenant) {
        try (var values = api.kafka.kafka().<UsageEvent>valueDeserializer()) {
            return api.kafka.read(Topics.USAGE).stream()
                    .map(record -> values.deserialize(record.topic(), record.value()))
                    .filter(event -> event.getTenant().equals(tenant))
                    .toList();
        }
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }
}
