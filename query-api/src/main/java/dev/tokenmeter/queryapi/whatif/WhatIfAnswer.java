package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.whatif.Revaluation.Priced;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer.
 *
 * @param question what was asked
 * @param rows by window, then largest cost first
 * @param truncated whether the limit cut rows off
 * @param total over all rows, also those that were cut off
 * @param unpriced what would have no price, most calls first
 * @param assumed what was assumed
 * @param asOf when the latest call that is counted ended; null where there is none
 * @param requestsFromEvents calls that were read from events, as rollups do not tell them apart
 */
record WhatIfAnswer(
        Question question,
        List<Row> rows,
        boolean truncated,
        Tally total,
        Map<Lack, Tally> unpriced,
        Assumed assumed,
        Instant asOf,
        long requestsFromEvents) {

    private static final int MAX_LACKS = 100;

    /** One row; the window's start is null without windows. */
    record Row(Instant window, List<String> dimensions, Tally tally) {}

    private record Key(Instant window, List<String> dimensions) {}

    /** Why what has no price. */
    record Lack(Model model, Model answering, String reason) {}

    /**
     * What was assumed, and of how many.
     *
     * @param substituted calls that another model is supposed to have answered
     * @param otherTier calls priced as of the standard service tier
     * @param anyRegion calls priced without their region
     * @param movedTokens tokens of caches and images counted as plain input
     */
    record Assumed(long substituted, long otherTier, long anyRegion, long movedTokens) {
        Assumed plus(Question question, Priced priced) {
            if (!(priced.verdict() instanceof Verdict.Known known)) {
                return this;
            }
            long requests = priced.used().requests();
            boolean other = !question.scenario()
                    .answering(priced.used().model())
                    .equals(priced.used().model());
            return new Assumed(
                    substituted + (other ? requests : 0),
                    otherTier + (known.quote().otherTier() ? requests : 0),
                    anyRegion + (known.quote().anyRegion() ? requests : 0),
                    movedTokens + known.movedTokens());
        }
    }

    static WhatIfAnswer of(Question question, List<Priced> all) {
        Map<Key, Tally> tallies = new LinkedHashMap<>();
        Map<Lack, Tally> lacks = new LinkedHashMap<>();
        Tally total = new Tally();
        Assumed assumed = new Assumed(0, 0, 0, 0);
        Instant asOf = null;
        long fromEvents = 0;
        for (Priced one : all) {
            tallies.computeIfAbsent(new Key(one.window(), one.used().dimensions()), key -> new Tally())
                    .add(one);
            total.add(one);
            assumed = assumed.plus(question, one);
            lack(question, one, lacks);
            asOf = asOf == null || one.used().latest().isAfter(asOf)
                    ? one.used().latest()
                    : asOf;
            fromEvents += one.source() == Source.EVENTS ? one.used().requests() : 0;
        }
        List<Row> rows = tallies.entrySet().stream()
                .map(entry -> new Row(entry.getKey().window, entry.getKey().dimensions, entry.getValue()))
                .sorted(ORDER)
                .toList();
        boolean truncated = rows.size() > question.limit();
        return new WhatIfAnswer(
                question,
                truncated ? rows.subList(0, question.limit()) : rows,
                truncated,
                total,
                most(lacks),
                assumed,
                asOf,
                fromEvents);
    }

    private static final Comparator<Row> ORDER = Comparator.comparing(
                    Row::window, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(row -> row.tally.cost(), Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(row -> String.join("\u0000", row.dimensions));

    private static void lack(Question question, Priced one, Map<Lack, Tally> lacks) {
        Model model = one.used().model();
        Model answering = question.scenario().answering(model);
        if (one.verdict() instanceof Verdict.Unpriced unpriced && one.used().meteredRequests() > 0) {
            lacks.computeIfAbsent(new Lack(model, answering, unpriced.reason()), key -> new Tally())
                    .add(one);
        } else if (one.used().unmeteredRequests() > 0) {
            lacks.computeIfAbsent(new Lack(model, answering, "their usage never came"), key -> new Tally())
                    .add(one);
        }
    }

    private static Map<Lack, Tally> most(Map<Lack, Tally> lacks) {
        Map<Lack, Tally> most = new LinkedHashMap<>();
        lacks.entrySet().stream()
                .sorted(Comparator.comparing(
                        (Map.Entry<Lack, Tally> entry) -> entry.getValue().supposedUnpriced(),
                        Comparator.reverseOrder()))
                .limit(MAX_LACKS)
                .forEach(entry -> most.put(entry.getKey(), entry.getValue()));
        return most;
    }
}
