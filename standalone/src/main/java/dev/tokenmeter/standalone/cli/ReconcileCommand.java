package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exits with 0, or 1 with what is wrong; with --check 1 as well where a row does not agree. */
@Command(
        name = "reconcile",
        description = "Shows where our figures and the providers' own differ, and the likely cause.",
        mixinStandardHelpOptions = true)
public final class ReconcileCommand implements Callable<Integer> {
    @Mixin
    private ApiClient api;

    @Option(
            names = "--from",
            converter = RepriceCommand.Time.class,
            paramLabel = "DAY",
            description = "From this day (UTC) on; 31 days before --until unless given.")
    private Instant from;

    @Option(
            names = "--until",
            converter = RepriceCommand.Time.class,
            paramLabel = "DAY",
            description = "Until this day, exclusive; tomorrow unless given.")
    private Instant until;

    @Option(names = "--provider", paramLabel = "NAME", description = "Only this provider.")
    private String provider;

    @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's calls and accounts.")
    private String tenant;

    @Option(names = "--by", paramLabel = "WHAT", description = "day,model (default), day or model.")
    private String by;

    @Option(
            names = "--tolerance",
            paramLabel = "PERCENT",
            description = "Up to which difference they agree; default 1.")
    private String tolerance;

    @Option(names = "--all", description = "Show the rows that agree as well.")
    private boolean all;

    @Option(
            names = "--check",
            description =
                    "Exit with 1 where a row does not agree, or nothing was imported of a day with calls, for scripts.")
    private boolean check;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--csv", description = "Print CSV.")
    private boolean csv;

    @Override
    public Integer call() throws InterruptedException {
        if (csv) {
            System.out.print(api.text(path("csv")));
            return check ? verdict(api.answer("GET", path(null), null)) : 0;
        }
        JsonNode report = api.answer("GET", path(null), null);
        System.out.println(json ? ApiClient.pretty(report) : table(report));
        return check ? verdict(report) : 0;
    }

    private static int verdict(JsonNode report) {
        boolean missing = !report.path("meta").path("days_without_bill").isEmpty();
        return missing || differing(report) > 0 ? 1 : 0;
    }

    private String path(String format) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("from", from == null ? null : from.toString());
        query.put("until", until == null ? null : until.toString());
        query.put("provider", provider);
        query.put("tenant", tenant);
        query.put("group_by", by);
        query.put("tolerance", tolerance);
        query.put("format", format);
        return "/api/v1/reconciliation" + ApiClient.query(query);
    }

    private static boolean agrees(JsonNode row) {
        return row.path("cause").asText().equals("agrees");
    }

    private static long differing(JsonNode report) {
        long count = 0;
        for (JsonNode row : report.path("data")) {
            count += agrees(row) ? 0 : 1;
        }
        return count;
    }

    private String table(JsonNode report) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%-10s  %-44s %14s %14s %14s", "day", "model", "ours", "theirs", "difference"));
        for (JsonNode row : report.path("data")) {
            if (all || !agrees(row)) {
                lines.add(line(row.path("day").asText(""), name(row), row));
                lines.add("            " + row.path("cause").asText() + ": "
                        + row.path("explanation").asText());
            }
        }
        JsonNode meta = report.path("meta");
        lines.add(line("", "all", meta.path("total")));
        lines.add(String.format(
                "%,d of %,d rows differ by more than %s %%.",
                differing(report),
                report.path("data").size(),
                meta.path("tolerance_percent").asText()));
        meta.path("days_without_bill")
                .properties()
                .forEach(one -> lines.add(String.format(
                        "%s: of %,d days with calls nothing was imported.",
                        one.getKey(), one.getValue().size())));
        return String.join(System.lineSeparator(), lines);
    }

    private static String name(JsonNode row) {
        StringBuilder name = new StringBuilder(row.path("provider").asText());
        for (String part : List.of("model", "item")) {
            if (row.hasNonNull(part)) {
                name.append(part.equals("item") ? " " : "/")
                        .append(row.path(part).asText());
            }
        }
        return name.toString();
    }

    private static String line(String day, String name, JsonNode figures) {
        return String.format(
                "%-10s  %-44s %14s %14s %14s",
                day, name, ours(figures), usd(figures, "their_cost_usd"), usd(figures, "difference_usd"));
    }

    private static String ours(JsonNode figures) {
        boolean unpriced = figures.path("unpriced_requests").asLong() > 0 && !figures.hasNonNull("our_cost_usd");
        return unpriced ? "no price" : usd(figures, "our_cost_usd");
    }

    /** For the eye; {@code --json} has all digits. */
    private static String usd(JsonNode figures, String field) {
        return figures.hasNonNull(field) ? RepriceCommand.usd(figures, field) : "-";
    }
}
