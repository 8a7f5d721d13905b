package dev.tokenmeter.queryapi.bills;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.BillLine;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The days of one import, while it is read. Lines that agree in all but their quantities (of different API keys, users or
 * tiers) are summed, and what cannot be kept is counted by reason. For one thread.
 */
final class BillSheet {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_SLOTS = 4_000;
    private static final int MAX_LINES_A_DAY = 2_000;
    private static final int MAX_TEXT = 512;
    private static final int MAX_REASONS = 100;

    /** One record to be written. */
    record Slot(String report, Instant day) {}

    private record Same(String item, String model, String unit, String account, String currency) {}

    private final Map<Slot, Map<Same, BillLine>> days =
            new TreeMap<>(Comparator.comparing(Slot::day).thenComparing(Slot::report));
    private final Map<Slot, Integer> buckets = new HashMap<>();
    private final Map<String, Integer> skipped = new LinkedHashMap<>();
    private int read;
    private boolean complete = true;

    /** Counts a line of the export. */
    void read() {
        read++;
    }

    /** Counts a line that is not kept. */
    void skip(String reason) {
        boolean told = skipped.containsKey(reason) || skipped.size() < MAX_REASONS;
        skipped.merge(told ? reason : "for other reasons", 1, Integer::sum);
    }

    /** There is more of the export than was given. */
    void incomplete() {
        complete = false;
    }

    /** Whether a window is a UTC day; counts {@code lines} as skipped where it is not. */
    boolean isDay(Instant from, Instant until, int lines) {
        boolean day = from.getEpochSecond() % DAY.toSeconds() == 0
                && from.getNano() == 0
                && Duration.between(from, until).equals(DAY);
        if (!day) {
            String reason = "the window " + from + " to " + until + " is not a UTC day; ask for days (bucket_width=1d)";
            for (int i = 0; i < Math.max(1, lines); i++) {
                skip(reason);
            }
        }
        return day;
    }

    /** The report says something of the day, if only that nothing was used. */
    void cover(String report, Instant day) {
        days.computeIfAbsent(new Slot(report, day), slot -> new LinkedHashMap<>());
        if (days.size() > MAX_SLOTS) {
            throw Problem.badRequest("The export has more than " + MAX_SLOTS + " days of reports; import it in parts.");
        }
    }

    /**
     * Keeps a line.
     *
     * @param bucket which bucket of the export it stands in; a day that another bucket has told already is skipped, as a
     *     page that was given twice must not count twice
     */
    void add(String report, Instant day, int bucket, BillLine line) {
        Slot slot = new Slot(report, day);
        if (buckets.computeIfAbsent(slot, first -> bucket) != bucket) {
            skip("the day " + day + " stands in the export twice; its first lines are kept");
            return;
        }
        cover(report, day);
        Map<Same, BillLine> lines = days.get(slot);
        BillLine kept = BillLine.newBuilder(line)
                .setItem(bounded(line.getItem()))
                .setModel(bounded(line.getModel()))
                .setAccount(bounded(line.getAccount()))
                .build();
        Same same = new Same(kept.getItem(), kept.getModel(), kept.getUnit(), kept.getAccount(), kept.getCurrency());
        lines.merge(same, kept, BillSheet::sum);
        if (lines.size() > MAX_LINES_A_DAY) {
            throw Problem.badRequest("The day " + day + " has more than " + MAX_LINES_A_DAY
                    + " different lines; group the export by less (line item and project, or model).");
        }
    }

    private static String bounded(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    private static BillLine sum(BillLine one, BillLine other) {
        Map<String, Long> tokens = new HashMap<>(one.getTokens());
        other.getTokens().forEach((kind, count) -> tokens.merge(kind, count, Math::addExact));
        Map<String, BigDecimal> units = new HashMap<>(one.getUnits());
        other.getUnits().forEach((unit, count) -> units.merge(unit, count, BigDecimal::add));
        return BillLine.newBuilder(one)
                .setTokens(tokens)
                .setUnits(units)
                .setRequests(
                        one.getRequests() == null
                                ? other.getRequests()
                                : other.getRequests() == null
                                        ? one.getRequests()
                                        : Long.valueOf(Math.addExact(one.getRequests(), other.getRequests())))
                .setAmount(
                        one.getAmount() == null
                                ? other.getAmount()
                                : other.getAmount() == null
                                        ? one.getAmount()
                                        : one.getAmount().add(other.getAmount()))
                .build();
    }

    /** What is to be written, by day. */
    Map<Slot, List<BillLine>> days() {
        Map<Slot, List<BillLine>> all = new LinkedHashMap<>();
        days.forEach((slot, lines) -> all.put(slot, List.copyOf(lines.values())));
        return all;
    }

    int linesRead() {
        return read;
    }

    /** How many lines are not kept, by reason. */
    Map<String, Integer> skipped() {
        return skipped;
    }

    boolean complete() {
        return complete;
    }
}
