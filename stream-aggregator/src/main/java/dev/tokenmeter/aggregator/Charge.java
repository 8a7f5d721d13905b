package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What budgets need to know of an event.
 *
 * @param at when the call ended, to the microsecond
 * @param run the gateway run that reported it; empty for none
 * @param values by the dimensions that budgets may name; those that it has
 */
record Charge(Instant at, String run, Amounts amounts, Map<String, String> values) implements BudgetInput {
    private static final int FIXED = 4;

    /** A correction adds its difference in cost, which no gateway knows of. */
    static Charge of(UsageEvent event, BudgetDimensions dimensions) {
        boolean correction = UsageCorrections.isCorrection(event);
        BigDecimal usd = UsageCorrections.costAdded(event);
        return new Charge(
                event.getOccurredAt(),
                correction ? "" : event.getGatewayRun(),
                new Amounts(usd, correction ? 0 : TokenKind.total(event)),
                dimensions.valuesOf(event));
    }

    /** As a JSON array of texts: time, run, USD, tokens, and then names and values by turns. */
    static Serde<Charge> serde() {
        StringSerializer toText = new StringSerializer();
        StringDeserializer fromText = new StringDeserializer();
        return Serdes.serdeFrom(
                (topic, charge) -> toText.serialize(topic, JsonKey.encode(charge.parts())),
                (topic, bytes) -> ofParts(JsonKey.decode(fromText.deserialize(topic, bytes))));
    }

    private List<String> parts() {
        List<String> parts = new ArrayList<>(FIXED + 2 * values.size());
        parts.add(Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, at)));
        parts.add(run);
        parts.add(amounts.usd().toPlainString());
        parts.add(Long.toString(amounts.tokens()));
        values.forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        return parts;
    }

    private static Charge ofParts(List<String> parts) {
        return new Charge(
                Instant.EPOCH.plus(Long.parseLong(parts.get(0)), ChronoUnit.MICROS),
                parts.get(1),
                new Amounts(new BigDecimal(parts.get(2)), Long.parseLong(parts.get(3))),
                pairs(parts, FIXED));
    }

    /** Names and values that stand by turns from an index on. */
    static Map<String, String> pairs(List<String> parts, int from) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = from; i < parts.size(); i += 2) {
            pairs.put(parts.get(i), parts.get(i + 1));
        }
        return pairs;
    }
}
