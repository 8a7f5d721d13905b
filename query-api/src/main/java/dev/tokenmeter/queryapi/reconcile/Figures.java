package dev.tokenmeter.queryapi.reconcile;

import java.math.BigDecimal;

/**
 * What one side says. A figure that is null was not stated; both sides of a row state the same figures, so that sums are
 * sums of what was compared.
 *
 * @param costUsd cost
 * @param input tokens sent, cached ones included
 * @param cached those of them that were read from a cache
 * @param output tokens produced
 * @param requests calls
 */
record Figures(BigDecimal costUsd, Long input, Long cached, Long output, Long requests) {
    static final Figures NONE = new Figures(null, null, null, null, null);

    Figures plus(Figures other) {
        return new Figures(
                costUsd == null ? other.costUsd : other.costUsd == null ? costUsd : costUsd.add(other.costUsd),
                sum(input, other.input),
                sum(cached, other.cached),
                sum(output, other.output),
                sum(requests, other.requests));
    }

    private static Long sum(Long one, Long other) {
        return one == null ? other : other == null ? one : Long.valueOf(Math.addExact(one, other));
    }

    static Figures cost(BigDecimal usd) {
        return new Figures(usd, null, null, null, null);
    }

    boolean hasCost() {
        return costUsd != null;
    }

    boolean hasTokens() {
        return input != null;
    }

    long tokens() {
        return input == null ? 0 : input + output;
    }

    /** The cost, 0 where it is not known. */
    BigDecimal cost() {
        return costUsd == null ? BigDecimal.ZERO : costUsd;
    }
}
