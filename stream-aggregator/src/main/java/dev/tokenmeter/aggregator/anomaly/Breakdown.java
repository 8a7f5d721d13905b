package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Of what a subject's spend consists, by combination of values: in the windows that are out of the ordinary, and in those
 * with which they are compared. Sums are exact; an average is divided once, of the sum that it is of.
 */
final class Breakdown {
    private static final int MOST_OF_A_DIMENSION = 3;
    /** Who reads "mostly model by key" knows where to look. */
    private static final Set<String> PAIR = Set.of("model", "api_key_id");

    private final List<String> dimensions;
    private final Subject subject;
    private final BigDecimal references;
    private final Map<List<String>, Sums> combinations = new HashMap<>();

    private record Sums(BigDecimal observed, BigDecimal before) {
        static final Sums NONE = new Sums(Money.ZERO, Money.ZERO);

        Sums plus(Sums more) {
            return new Sums(observed.add(more.observed), before.add(more.before));
        }
    }

    /**
     * @param dimensions of the combinations
     * @param references how many windows are compared with each that is out of the ordinary
     */
    Breakdown(List<String> dimensions, Subject subject, long references) {
        this.dimensions = dimensions;
        this.subject = subject;
        this.references = BigDecimal.valueOf(Math.max(1, references));
    }

    /** A day beside the average of the days before it. */
    static Breakdown ofDay(
            Details details, List<String> dimensions, Subject subject, LocalDate day, LocalDate firstCompared) {
        Breakdown parts = new Breakdown(dimensions, subject, ChronoUnit.DAYS.between(firstCompared, day));
        details.day(subject.tenant(), day, parts::observed);
        for (LocalDate before = firstCompared; before.isBefore(day); before = before.plusDays(1)) {
            details.day(subject.tenant(), before, parts::before);
        }
        return parts;
    }

    void observed(List<String> values, Amount amount) {
        add(values, new Sums(amount.usd(), Money.ZERO));
    }

    void before(List<String> values, Amount amount) {
        add(values, new Sums(Money.ZERO, amount.usd()));
    }

    private void add(List<String> values, Sums sums) {
        if (isOf(values, subject)) {
            combinations.merge(List.copyOf(values), sums, Sums::plus);
        }
    }

    private boolean isOf(List<String> values, Subject of) {
        int at = dimensions.indexOf(of.dimension());
        return of.isTenant() || at >= 0 && at < values.size() && values.get(at).equals(of.value());
    }

    /** Whether at least half of the difference is another subject's. */
    boolean isMostlyOf(Subject other) {
        BigDecimal all = Money.ZERO;
        BigDecimal its = Money.ZERO;
        for (Map.Entry<List<String>, Sums> combination : combinations.entrySet()) {
            BigDecimal difference = combination.getValue().observed().multiply(references);
            difference = difference.subtract(combination.getValue().before());
            all = all.add(difference);
            if (isOf(combination.getKey(), other)) {
                its = its.add(difference);
            }
        }
        return its.signum() > 0 && its.add(its).compareTo(all) >= 0;
    }

    /** The parts that spend more than expected: up to three of each dimension, and of model and key together. */
    List<AnomalyContributor> contributors() {
        List<AnomalyContributor> contributors = new ArrayList<>();
        for (String dimension : dimensions) {
            if (!dimension.equals(subject.dimension())) {
                contributors.addAll(contributors(List.of(dimension)));
            }
        }
        if (dimensions.containsAll(PAIR)) {
            contributors.addAll(contributors(List.of("model", "api_key_id")));
        }
        return contributors;
    }

    private List<AnomalyContributor> contributors(List<String> by) {
        Map<Map<String, String>, Sums> parts = new LinkedHashMap<>();
        combinations.forEach((values, sums) -> {
            Map<String, String> part = new HashMap<>();
            by.forEach(dimension -> part.put(dimension, values.get(dimensions.indexOf(dimension))));
            if (!part.containsValue("")) {
                parts.merge(part, sums, Sums::plus);
            }
        });
        return parts.entrySet().stream()
                .map(part -> new AnomalyContributor(
                        part.getKey(),
                        part.getValue().before().divide(references, Money.SCALE, RoundingMode.HALF_UP),
                        part.getValue().observed()))
                .filter(part -> difference(part).signum() > 0)
                .sorted(Comparator.comparing(Breakdown::difference)
                        .reversed()
                        .thenComparing(part -> part.getDimensions().toString()))
                .limit(MOST_OF_A_DIMENSION)
                .toList();
    }

    private static BigDecimal difference(AnomalyContributor part) {
        return part.getObservedUsd().subtract(part.getExpectedUsd());
    }
}
