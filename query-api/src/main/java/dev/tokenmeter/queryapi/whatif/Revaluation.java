package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.Quantities;
import dev.tokenmeter.storage.query.QuantityQueries;
import dev.tokenmeter.storage.query.QuantityQuery;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import dev.tokenmeter.storage.query.QuantityQuery.Part;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One question, answered exactly: sums are asked for as coarsely as the answer is, and what a change of prices cuts
 * through is asked for again, by day, by hour, and in the end by event. Used by one thread; blocking.
 */
final class Revaluation {
    /** After so many looks for moments at which prices change, new ones keep coming in with new calls. */
    private static final int MAX_LOOKS = 5;

    /** What some calls used, and what it would have cost. */
    record Priced(Instant window, Quantities used, Verdict verdict, Source source) {}

    /** A model in a window of the bucket that was last asked for. */
    private record Spot(Model model, Instant window) {}

    private final QuantityQueries queries;
    private final Question question;
    private final RowPricer pricer;
    private final Instant now;
    private final List<Priced> priced = new ArrayList<>();
    private final SortedSet<Instant> moments = new TreeSet<>();

    Revaluation(QuantityQueries queries, Question question, Instant now) {
        this.queries = queries;
        this.question = question;
        this.now = now;
        this.pricer = new RowPricer(
                question.scenario(),
                question.range().from(),
                question.range().upToRunningHour(now).until());
    }

    List<Priced> run() {
        QuantityQuery query = query();
        Optional<QuantityQuery> overRollups = queries.overRollups(query, now);
        Bucket asked = question.bucket();
        Set<Spot> open =
                take(overRollups.orElse(query), overRollups.isPresent() ? Source.ROLLUPS : Source.EVENTS, asked, null);
        if (overRollups.isPresent()) {
            for (Bucket finer : List.of(Bucket.DAY, Bucket.HOUR)) {
                if (!open.isEmpty() && finer.isFinerThan(asked)) {
                    QuantityQuery again = overRollups.get().of(part(open, asked), finer, List.of());
                    open = take(again, Source.ROLLUPS, asked, open);
                    asked = finer;
                }
            }
        }
        for (int look = 0; !open.isEmpty() && look < MAX_LOOKS; look++) {
            QuantityQuery again = overRollups.orElse(query).of(part(open, asked), asked, List.copyOf(moments));
            open = take(again, Source.EVENTS, asked, open);
        }
        if (!open.isEmpty()) {
            throw Problem.unavailable("Calls come in while prices change; ask again.");
        }
        return priced;
    }

    private QuantityQuery query() {
        Set<String> tenants = question.scenario().book().tenants();
        String tenant = question.filters().get(Dimension.Field.TENANT);
        return new QuantityQuery(
                question.range(),
                question.filters(),
                question.groupBy(),
                question.bucket(),
                tenant == null ? tenants : tenants.contains(tenant) ? Set.of(tenant) : Set.of(),
                List.copyOf(question.scenario().book().contextEdges()),
                List.of(),
                null);
    }

    private static Part part(Set<Spot> open, Bucket bucket) {
        return new Part(
                open.stream().map(Spot::model).collect(Collectors.toSet()),
                bucket,
                bucket == Bucket.NONE
                        ? Set.of()
                        : open.stream().map(Spot::window).collect(Collectors.toSet()));
    }

    /**
     * Keeps what can be priced. A spot is kept as a whole or not at all, so that it can be replaced as a whole.
     *
     * @param parent windows by which {@code wanted} are told apart
     * @param wanted null for all
     * @return what has to be asked for more finely
     */
    private Set<Spot> take(QuantityQuery query, Source source, Bucket parent, Set<Spot> wanted) {
        List<Priced> found = new ArrayList<>();
        Set<Spot> open = new HashSet<>();
        if (source == Source.ROLLUPS) {
            moments.clear(); // those of the next finer windows are fewer
        }
        for (Quantities used : queries.run(query, source)) {
            if (wanted != null && !wanted.contains(spot(used, parent))) {
                continue;
            }
            Verdict verdict = pricer.price(used);
            if (verdict instanceof Verdict.Undecided) {
                open.add(spot(used, query.windows()));
                moments.addAll(pricer.changes(used));
            }
            found.add(new Priced(startOf(question.bucket(), used), used, verdict, source));
        }
        found.stream()
                .filter(one -> !open.contains(spot(one.used, query.windows())))
                .forEach(priced::add);
        return open;
    }

    private static Spot spot(Quantities used, Bucket bucket) {
        return new Spot(used.model(), startOf(bucket, used));
    }

    private static Instant startOf(Bucket bucket, Quantities used) {
        return bucket == Bucket.NONE ? null : bucket.startOf(used.window());
    }
}
