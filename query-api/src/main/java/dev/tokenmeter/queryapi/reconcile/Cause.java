package dev.tokenmeter.queryapi.reconcile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** What a row shows, and its likely cause in words. */
enum Cause {
    /** Within the tolerance. */
    AGREES,
    /** Charged, and no call of ours shows it. */
    ONLY_THEIRS,
    /** A charge that is not for calls of a model. */
    NOT_A_CALL,
    /** Calls of ours that are not in the export. */
    ONLY_OURS,
    /** Calls without a price. */
    UNPRICED,
    /** They count more tokens. */
    CALLS_ELSEWHERE,
    /** They count fewer tokens. */
    EXPORT_BEHIND,
    /** The counts differ, and much of ours is estimated. */
    ESTIMATED,
    /** As many tokens, otherwise split into cached and not. */
    CACHED_TOKENS,
    /** As many tokens at another price. */
    PRICE,
    /** In another currency. */
    CURRENCY,
    /** Only costs were imported, so that it cannot be told. */
    UNKNOWN;

    private static final long ESTIMATED_PERCENT = 5;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Cause of(RowKey key, Pair pair, Tolerance tolerance) {
        Figures ours = pair.ours();
        Figures theirs = pair.theirs();
        if (!pair.otherAmounts().isEmpty()) {
            return CURRENCY;
        }
        boolean agree = pair.difference() == null || tolerance.costsAgree(ours.cost(), theirs.cost());
        boolean known = ours.hasTokens() && theirs.hasTokens();
        boolean tokensAgree = !known || tolerance.countsAgree(ours.tokens(), theirs.tokens());
        if (agree && tokensAgree) {
            return AGREES;
        } else if (pair.calls() == 0 && ours.cost().signum() == 0) {
            return isOther(key) ? NOT_A_CALL : ONLY_THEIRS;
        } else if (theirs.cost().signum() == 0 && theirs.tokens() == 0) {
            return ONLY_OURS;
        } else if (pair.unpriced() > 0
                && pair.difference() != null
                && pair.difference().signum() > 0) {
            return UNPRICED;
        } else if (!known) {
            return UNKNOWN;
        } else if (!tokensAgree) {
            return estimatedPercent(pair) >= ESTIMATED_PERCENT
                    ? ESTIMATED
                    : theirs.tokens() > ours.tokens() ? CALLS_ELSEWHERE : EXPORT_BEHIND;
        }
        return tolerance.countsAgree(ours.cached(), theirs.cached()) ? PRICE : CACHED_TOKENS;
    }

    /** A charge by a name that is no unit of calls. */
    private static boolean isOther(RowKey key) {
        return !key.item().isEmpty() && key.item().indexOf(' ') >= 0;
    }

    String explanation(RowKey key, Pair pair) {
        Figures ours = pair.ours();
        Figures theirs = pair.theirs();
        return switch (this) {
            case AGREES -> "within the tolerance";
            case ONLY_THEIRS -> "calls that did not pass the gateway, or a name that ours go by otherwise";
            case NOT_A_CALL -> "a charge that belongs to no call: " + key.item();
            case ONLY_OURS ->
                "the export does not have it: another account, a name that theirs go by otherwise, or not yet charged";
            case UNPRICED -> pair.unpriced() + " of our calls have no price";
            case CALLS_ELSEWHERE ->
                (theirs.tokens() - ours.tokens()) + " tokens more than ours: calls that did not pass the gateway";
            case EXPORT_BEHIND ->
                (ours.tokens() - theirs.tokens())
                        + " tokens fewer than ours: the export is not complete yet, or leaves out an account";
            case ESTIMATED -> estimatedPercent(pair) + " % of our tokens are estimates, or of answers that broke off";
            case CACHED_TOKENS ->
                "as many tokens, but " + theirs.cached() + " of them cached there, " + ours.cached() + " here";
            case PRICE ->
                "as many tokens; they charge " + ratio(pair)
                        + " of our price: a discount, a mark-up of ours, or a price that has changed";
            case CURRENCY ->
                "charged in " + String.join(", ", pair.otherAmounts().keySet()) + ", which is not compared";
            case UNKNOWN -> "import the usage too, to tell calls from prices";
        };
    }

    static long estimatedPercent(Pair pair) {
        long ours = pair.ours().tokens();
        return ours == 0 ? 0 : Math.min(100, pair.notFinal() * 100 / ours);
    }

    private static String ratio(Pair pair) {
        BigDecimal ours = pair.ours().cost();
        return ours.signum() == 0
                ? "something instead of nothing"
                : pair.theirs()
                        .cost()
                        .divide(ours, 4, RoundingMode.HALF_EVEN)
                        .stripTrailingZeros()
                        .toPlainString();
    }
}
