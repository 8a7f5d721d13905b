package dev.tokenmeter.schemas;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** What several services must judge alike about an event. */
public final class UsageEvents {
    /** Operations for which providers charge; of others, no usage means no cost. */
    public static final Set<String> BILLED_OPERATIONS = Set.of(
            "chat",
            "responses",
            "messages",
            "generate_content",
            "completions",
            "embeddings",
            "images",
            "audio",
            "rerank");

    private static final int FIELDS = UsageEvent.getClassSchema().getFields().size();
    private static final int COST_USD = position("cost_usd");
    private static final int COST_PARTS = position("cost_parts");
    private static final int PRICE_ID = position("price_id");
    private static final int COST_CURRENCY = position("cost_currency");
    private static final int EXCHANGE_RATE = position("exchange_rate");

    private UsageEvents() {}

    /**
     * The event with a cost. It shares its other values with the one that it is made of, which Avro's builder would copy,
     * each map and each amount, for every call that is metered.
     *
     * @param usd the whole, at the scale of money
     * @param parts at the scale of money
     * @param currency of the price
     * @param exchangeRate USD for one unit of the currency; null for USD
     */
    public static UsageEvent withCost(
            UsageEvent event,
            BigDecimal usd,
            Map<String, BigDecimal> parts,
            String priceId,
            String currency,
            BigDecimal exchangeRate) {
        UsageEvent priced = new UsageEvent();
        for (int i = 0; i < FIELDS; i++) {
            priced.put(i, event.get(i));
        }
        priced.put(COST_USD, usd);
        priced.put(COST_PARTS, parts);
        priced.put(PRICE_ID, priceId);
        priced.put(COST_CURRENCY, currency);
        priced.put(EXCHANGE_RATE, exchangeRate == null ? null : Money.exact(exchangeRate));
        return priced;
    }

    private static int position(String field) {
        Schema.Field found = UsageEvent.getClassSchema().getField(field);
        return found.pos();
    }

    /** Whether the provider may have charged for a call of which no usage was seen: such a call must not cost zero. */
    public static boolean lacksUsage(UsageEvent event) {
        return event.getUsageSource() == UsageSource.none
                && BILLED_OPERATIONS.contains(event.getOperation())
                && mayHaveBeenServed(event);
    }

    private static boolean mayHaveBeenServed(UsageEvent event) {
        Integer status = event.getHttpStatus();
        if (status == null) {
            return event.getOutcome() == Outcome.client_aborted || event.getOutcome() == Outcome.timeout;
        }
        return status >= 200 && status < 300 && event.getOutcome() != Outcome.blocked;
    }

    /** Whether something was used, or may have been, whose cost is not known. */
    public static boolean isUnpriced(UsageEvent event) {
        return event.getCostUsd() == null
                && (TokenKind.total(event) != 0 || !event.getUnits().isEmpty() || lacksUsage(event));
    }
}
