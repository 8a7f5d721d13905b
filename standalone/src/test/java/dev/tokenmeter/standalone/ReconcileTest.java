package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.standalone.cli.BillsCommand;
import dev.tokenmeter.standalone.cli.ReconcileCommand;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** OpenAI's exports of two days, one figure of which is not as ours: the report shows that one, and says why. */
@ExtendWith(StandaloneExtension.class)
class ReconcileTest {
    private static final String TENANT = "reconcile-tenant";
    private static final String LARGE = "gpt-4o-2024-08-06";
    private static final String SMALL = "gpt-4o-mini-2024-07-18";
    private static final Instant FIRST =
            Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(5));
    private static final Instant SECOND = FIRST.plus(Duration.ofDays(1));

    /** What OpenAI says of a model's day: 10 calls of 1,000 tokens in, 400 of them cached, and 200 out. */
    private record Said(Instant day, String model, String inputUsd, String outputUsd, int calls) {}

    private static final List<Said> AGREEING = List.of(
            new Said(FIRST, LARGE, "0.03", "0.02", 10),
            new Said(FIRST, SMALL, "0.0012", "0.0012", 10),
            new Said(SECOND, LARGE, "0.03", "0.02", 10),
            new Said(SECOND, SMALL, "0.0012", "0.0012", 10));

    private final RunningStandalone product;

    @TempDir
    private Path folder;

    ReconcileTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void theOneModelDayThatDiffersIsTheOneReported() throws Exception {
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (Said said : AGREEING) {
                String each = said.model().equals(LARGE) ? "0.005" : "0.00024";
                for (int i = 0; i < 10; i++) {
                    Instant at = said.day().plus(Duration.ofHours(2 * i));
                    UsageEvent event = TestEvents.call(TENANT, at, said.model(), 1_000, 400, 200, each);
                    producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), TENANT, event))
                            .get();
                }
            }
        }

        List<Said> dearer = with(new Said(SECOND, LARGE, "0.06", "0.04", 10));
        importAll(dearer);
        await("theirs and ours are there", () -> rows().size() == 4 && calls() == 40);
        assertThat(differing()).containsExactly(SECOND + " " + LARGE + " price");
        JsonObject row = find(SECOND, LARGE);
        assertThat(row.getString("our_cost_usd")).isEqualTo("0.05");
        assertThat(row.getString("their_cost_usd")).isEqualTo("0.1");
        assertThat(row.getString("difference_usd")).isEqualTo("0.05");
        assertThat(row.getString("difference_percent")).isEqualTo("100");
        assertThat(row.getLong("their_input_tokens")).isEqualTo(10_000);
        assertThat(row.getLong("their_cached_input_tokens")).isEqualTo(4_000);
        assertThat(row.getString("explanation")).contains("they charge 2 of our price");
        JsonObject total = report().getJsonObject("meta").getJsonObject("total");
        assertThat(total.getString("our_cost_usd")).isEqualTo("0.1048");
        assertThat(total.getString("difference_usd")).isEqualTo("0.05");

        JsonObject once = report();
        importAll(dearer);
        Thread.sleep(3_000);
        assertThat(report()).isEqualTo(once);

        importAll(with(new Said(SECOND, LARGE, "0.06", "0.04", 20)));
        await(
                "the later export of the day stands in its place",
                () -> differing().equals(List.of(SECOND + " " + LARGE + " calls_elsewhere")));
        String shown = run(new ReconcileCommand(), "--tenant", TENANT, "--from", date(FIRST));
        assertThat(shown)
                .contains(date(SECOND) + "  openai/" + LARGE)
                .contains("12000 tokens more than ours")
                .contains("1 of 4 rows")
                .doesNotContain(SMALL);

        importAll(AGREEING);
        await("all agree", () -> differing().isEmpty() && rows().size() == 4);
    }

    private static List<Said> with(Said other) {
        return AGREEING.stream()
                .map(said -> said.day().equals(other.day()) && said.model().equals(other.model()) ? other : said)
                .toList();
    }

    private void importAll(List<Said> all) throws Exception {
        Path costs = Files.writeString(folder.resolve("costs.json"), page(all, ReconcileTest::costs));
        Path usage = Files.writeString(folder.resolve("usage.json"), page(all, ReconcileTest::usage));
        for (List<String> one :
                List.of(List.of("openai_costs", costs.toString()), List.of("openai_usage", usage.toString()))) {
            String told = run(new BillsCommand(), "import", one.get(1), "--format", one.get(0), "--tenant", TENANT);
            assertThat(told).contains("openai: 2 days, " + date(FIRST) + " to " + date(SECOND));
        }
    }

    private interface Lines {
        Stream<JsonObject> of(Said said);
    }

    private static String page(List<Said> all, Lines lines) {
        JsonArray buckets = new JsonArray();
        for (Instant day : List.of(FIRST, SECOND)) {
            JsonArray results = new JsonArray();
            all.stream()
                    .filter(said -> said.day().equals(day))
                    .flatMap(lines::of)
                    .forEach(results::add);
            buckets.add(JsonObject.of("object", "bucket", "start_time", day.getEpochSecond())
                    .put("end_time", day.getEpochSecond() + 86_400)
                    .put("results", results));
        }
        return JsonObject.of("object", "page", "data", buckets, "has_more", false, "next_page", null)
                .encode();
    }

    private static Stream<JsonObject> costs(Said said) {
        return Stream.of(
                cost(said.model() + ", input", said.inputUsd()), cost(said.model() + ", output", said.outputUsd()));
    }

    private static JsonObject cost(String item, String usd) {
        return JsonObject.of("object", "organization.costs.result")
                .put("amount", JsonObject.of("value", new BigDecimal(usd), "currency", "usd"))
                .put("line_item", item)
                .put("project_id", null);
    }

    private static Stream<JsonObject> usage(Said said) {
        return Stream.of(JsonObject.of("object", "organization.usage.completions.result")
                .put("input_tokens", said.calls() * 1_000)
                .put("output_tokens", said.calls() * 200)
                .put("input_cached_tokens", said.calls() * 400)
                .put("num_model_requests", said.calls())
                .put("model", said.model()));
    }

    private JsonObject report() {
        return product.get("/api/v1/reconciliation?tenant=" + TENANT + "&from=" + date(FIRST) + "&until="
                + date(SECOND.plus(Duration.ofDays(1))));
    }

    private List<JsonObject> rows() {
        return report().getJsonArray("data").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private long calls() {
        return rows().stream().mapToLong(row -> row.getLong("our_requests", 0L)).sum();
    }

    private List<String> differing() {
        return rows().stream()
                .filter(row -> !row.getString("cause").equals("agrees"))
                .map(row -> Instant.parse(row.getString("day") + "T00:00:00Z") + " " + row.getString("model") + " "
                        + row.getString("cause"))
                .toList();
    }

    private JsonObject find(Instant day, String model) {
        return rows().stream()
                .filter(row -> row.getString("day").equals(date(day))
                        && row.getString("model").equals(model))
                .findFirst()
                .orElseThrow();
    }

    private static String date(Instant day) {
        return day.toString().substring(0, 10);
    }

    private String run(Object command, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        int options = command instanceof BillsCommand ? 1 : 0;
        all.addAll(options, List.of("--api", product.standalone.queryApi().toString()));
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(new CommandLine(command).execute(all.toArray(String[]::new)))
                    .isZero();
            return out.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(stdout);
        }
    }
}
