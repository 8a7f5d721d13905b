package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import java.math.BigDecimal;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to hold against budgets for a call whose cost is not known, though it used something: without it, one unit that has
 * no price would make all the rest of the call free. Thread-safe.
 */
final class UnknownCost {
    private static final Logger LOG = LoggerFactory.getLogger(UnknownCost.class);

    private final Pricer pricer;

    UnknownCost(Pricer pricer) {
        this.pricer = pricer;
    }

    /**
     * The most of what was reserved for it, what the provider says it cost, and what its tokens cost. In truth it may be
     * more or less.
     *
     * @param reservedUsd USD
     * @return USD; 0 for a call that used nothing, or of which nothing is known
     */
    BigDecimal atLeast(BigDecimal reservedUsd, UsageEvent event) {
        if (!UsageEvents.isUnpriced(event)) {
            return Money.ZERO;
        }
        BigDecimal stated = event.getProviderCostUsd() == null ? Money.ZERO : event.getProviderCostUsd();
        return reservedUsd.max(stated).max(ofTokens(event));
    }

    private BigDecimal ofTokens(UsageEvent event) {
        if (event.getUnits().isEmpty()) {
            return Money.ZERO;
        }
        UsageEvent tokens = UsageEvent.newBuilder(event).setUnits(Map.of()).build();
        try {
            BigDecimal cost = pricer.price(tokens).getCostUsd();
            return cost == null ? Money.ZERO : cost;
        } catch (RuntimeException e) {
            LOG.error("the tokens of a call to {} {} could not be priced", event.getProvider(), event.getModel(), e);
            return Money.ZERO;
        }
    }
}
