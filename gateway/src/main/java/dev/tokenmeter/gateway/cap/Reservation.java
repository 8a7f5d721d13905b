package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;

/** What is set aside for a call in flight, until {@link Caps#settle} or {@link Caps#abandon}. */
public final class Reservation {
    private final String tenant;
    private final BigDecimal usd;
    private boolean released;

    Reservation(String tenant, BigDecimal usd) {
        this.tenant = tenant;
        this.usd = usd;
    }

    /** Nothing set aside; for calls that no budget holds. */
    public static Reservation none(String tenant) {
        return new Reservation(tenant, Money.ZERO);
    }

    String tenant() {
        return tenant;
    }

    /** USD. */
    BigDecimal usd() {
        return usd;
    }

    /** What is to be given back: all of it the first time, nothing after. To be called under the ledger's lock. */
    BigDecimal release() {
        BigDecimal back = released ? Money.ZERO : usd;
        released = true;
        return back;
    }
}
