package dev.tokenmeter.gateway.cap;

import java.math.BigDecimal;
import java.util.List;

/** What is set aside for a call in flight, until {@link Caps#settle} or {@link Caps#abandon}. */
public final class Reservation {
    /** An amount in the unit of a budget. */
    record Hold(BudgetAccount account, BigDecimal amount) {}

    private final String tenant;
    private final BigDecimal usd;
    private volatile List<Hold> holds;

    Reservation(String tenant, BigDecimal usd, List<Hold> holds) {
        this.tenant = tenant;
        this.usd = usd;
        this.holds = List.copyOf(holds);
    }

    /** Nothing set aside; for calls that no budget holds. */
    public static Reservation none(String tenant) {
        return new Reservation(tenant, BigDecimal.ZERO, List.of());
    }

    String tenant() {
        return tenant;
    }

    /** Whether there is nothing, or nothing any more, to be given back. */
    public boolean isNone() {
        return holds.isEmpty();
    }

    /** The worst case that was assumed, USD; 0 where none was known, or no budget holds the call. */
    BigDecimal usd() {
        return usd;
    }

    /** What is to be given back: all of it the first time, nothing after. To be called under the tenant's lock. */
    List<Hold> release() {
        List<Hold> back = holds;
        holds = List.of();
        return back;
    }
}
