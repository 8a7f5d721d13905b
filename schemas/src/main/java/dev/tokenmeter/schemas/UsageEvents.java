package dev.tokenmeter.schemas;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** What several services must judge alike about an event. */
public final class UsageEvents {
    /**
     * Operations for which providers charge; of others, no usage means no cost. What a gateway does not know ({@code other})
     * may be charged for, so that it must not pass for free.
     */
    public static final Set<String> BILLED_OPERATIONS = Set.of(
            "chat",
            "responses",
            "messages",
            "generate_content",
            "completions",
            "embeddings",
            "images",
            "audio",
            "rerank",
            "other");

    /** Units that are input tokens too, though no {@link TokenKind} of their own. */
    private static final Set<String> CONTEXT_UNITS = Set.of("cache_read_audio_tokens", "cache_read_image_tokens");

    private static final TokenKind[] KINDS = TokenKind.values();
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
        return setCost(copyOf(event), usd, parts, priceId, currency, exchangeRate);
    }

    /** Puts a cost on an event that nobody else has seen yet; as {@link #withCost}. */
    public static UsageEvent setCost(
            UsageEvent event,
            BigDecimal usd,
            Map<String, BigDecimal> parts,
            String priceId,
            String currency,
            BigDecimal exchangeRate) {
        BigDecimal rate = exchangeRate == null ? null : Money.exact(exchangeRate);
        event.put(COST_USD, usd);
        event.put(COST_PARTS, parts);
        event.put(PRICE_ID, priceId);
        event.put(COST_CURRENCY, currency);
        event.put(EXCHANGE_RATE, rate);
        return event;
    }

    /** A copy that shares the values, of which none can be changed. */
    public static UsageEvent copyOf(UsageEvent event) {
        UsageEvent copy = new UsageEvent();
        for (int i = 0; i < FIELDS; i++) {
            copy.put(i, event.get(i));
        }
        return copy;
    }

    static int position(String field) {
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
        return event.getCostUsd() == null && mayCost(event);
    }

    /** Whether something was used, or may have been. */
    static boolean mayCost(UsageEvent event) {
        return isMetered(event) || lacksUsage(event);
    }

    /** Of what kind of error it is: its outcome, and the class of its HTTP status if it has one; null if it completed. */
    public static String errorClass(UsageEvent event) {
        if (event.getOutcome() == Outcome.completed) {
            return null;
        }
        Integer status = event.getHttpStatus();
        return status == null ? event.getOutcome().name() : event.getOutcome() + ":" + status / 100 + "xx";
    }

    /** Whether tokens or other units were counted. */
    public static boolean isMetered(UsageEvent event) {
        for (TokenKind kind : KINDS) {
            if (kind.of(event) != 0) {
                return true;
            }
        }
        return !event.getUnits().isEmpty();
    }

    /** Whether a fee per call is due where the price has one. */
    public static boolean owesFee(UsageEvent event) {
        Integer status = event.getHttpStatus();
        boolean served = event.getUsageSource() != UsageSource.none || (status != null && status / 100 == 2);
        return served && BILLED_OPERATIONS.contains(event.getOperation()) && !lacksUsage(event);
    }

    /** Input tokens of all kinds, by which the tier of a price that depends on the context's length is chosen. */
    public static long contextTokens(UsageEvent event) {
        long total = 0;
        for (TokenKind kind : KINDS) {
            if (kind.isInput()) {
                total = Math.addExact(total, kind.of(event));
            }
        }
        if (!event.getUnits().isEmpty()) {
            for (String unit : CONTEXT_UNITS) {
                total = Math.addExact(
                        total,
                        event.getUnits().getOrDefault(unit, BigDecimal.ZERO).longValue());
            }
        }
        return total;
    }

    /** Names of the {@code units} that {@link #contextTokens} counts. */
    public static Set<String> contextUnits() {
        return CONTEXT_UNITS;
    }
}
