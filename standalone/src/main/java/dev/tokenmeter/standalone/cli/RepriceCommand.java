package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Exits with 0 when the re-pricing is done, 1 when it failed. */
@Command(
        name = "reprice",
        description = "Prices past calls anew by the prices known now, and corrects the books. Shows what changes.")
public final class RepriceCommand implements Callable<Integer> {
    private static final long POLL_MS = 300;
    private static final int BAR = 30;

    /** A day (midnight UTC) or a time. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return text.length() == 10
                        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("found '" + text
                        + "'; allowed: a day such as 2026-11-01, or a time such as 2026-11-01T00:00:00Z");
            }
        }
    }

    @Mixin
    private ApiClient api;

    @Option(
            names = "--from",
            required = true,
            converter = Time.class,
            paramLabel = "TIME",
            description = "From then on.")
    private Instant from;

    @Option(
            names = "--until",
            converter = Time.class,
            paramLabel = "TIME",
            description = "Until then, exclusive; default now.")
    private Instant until;

    @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's calls.")
    private String tenant;

    @Option(names = "--provider", paramLabel = "NAME", description = "Only calls to this provider.")
    private String provider;

    @Option(names = "--model", paramLabel = "NAME", description = "Only calls to this model.")
    private String model;

    @Option(names = "--unpriced-only", description = "Only calls that have no cost yet.")
    private boolean unpricedOnly;

    @Option(names = "--dry-run", description = "Only show what would change.")
    private boolean dryRun;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "tokenmeter reprice",
            description = "For the history.")
    private String reason;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        JsonNode job = api.send("POST", "/api/v1/reprice", body());
        while (!ended(job)) {
            showProgress(job);
            Thread.sleep(POLL_MS);
            job = api.get("/api/v1/reprice/" + job.path("reprice_id").asText());
        }
        showProgress(job);
        System.err.println();
        if (job.path("state").asText().equals("failed")) {
            throw new ApiClient.ApiException(job.path("failure").asText());
        }
        System.out.println(json ? ApiClient.pretty(job) : table(job));
        return 0;
    }

    private Map<String, Object> body() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("from", from.toString());
        body.put("until", until == null ? null : until.toString());
        body.put("tenant", tenant);
        body.put("provider", provider);
        body.put("model", model);
        body.put("unpriced_only", unpricedOnly);
        body.put("dry_run", dryRun);
        body.put("reason", reason);
        return body;
    }

    private static boolean ended(JsonNode job) {
        String state = job.path("state").asText();
        return state.equals("done") || state.equals("failed");
    }

    private static void showProgress(JsonNode job) {
        long total = job.path("events_total").asLong();
        long done = job.path("events_done").asLong();
        int filled = total == 0 ? (ended(job) ? BAR : 0) : (int) Math.min(BAR, BAR * done / total);
        System.err.printf(
                "\r[%s%s] %,d of %,d calls, %,d change",
                "#".repeat(filled),
                ".".repeat(BAR - filled),
                done,
                total,
                job.path("changed").asLong());
    }

    private static String table(JsonNode job) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                "%-40s %12s %12s %16s %16s %16s%n", "model", "calls", "change", "before", "after", "diff"));
        for (JsonNode one : job.path("models")) {
            if (one.path("changed").asLong() > 0) {
                String name =
                        one.path("provider").asText() + "/" + one.path("model").asText();
                text.append(row(name, one, one.path("events").asLong()));
            }
        }
        text.append(row("all", job, job.path("events_done").asLong()));
        long kept = job.path("kept_without_price").asLong();
        if (kept > 0) {
            text.append(String.format("%,d calls have a cost and no price any more; they keep it.%n", kept));
        }
        return text.append(
                        job.path("dry_run").asBoolean()
                                ? "Nothing was changed (--dry-run)."
                                : "The corrections are in the log; sums follow as they are counted.")
                .toString();
    }

    private static String row(String name, JsonNode totals, long events) {
        return String.format(
                "%-40s %,12d %,12d %16s %16s %16s%n",
                name,
                events,
                totals.path("changed").asLong(),
                usd(totals, "cost_usd_before"),
                usd(totals, "cost_usd_after"),
                usd(totals, "difference_usd"));
    }

    /** For the eye; {@code --json} has all digits. */
    static String usd(JsonNode totals, String field) {
        if (totals.path(field).isNull()) {
            return "no price";
        }
        BigDecimal amount = new BigDecimal(totals.path(field).asText("0"));
        return "$"
                + amount.setScale(Math.min(6, Math.max(2, amount.scale())), RoundingMode.HALF_EVEN)
                        .toPlainString();
    }
}
