package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * An event that counts, reduced to what is summed of it and by what.
 *
 * @param at when the call ended, to the microsecond
 * @param run the gateway run that reported it; empty for none, and for corrections, of which no gateway knows
 * @param values of the dimensions by which it is summed, those that it has
 * @param measures what it adds
 */
record Counted(Instant at, String run, Map<String, String> values, Measures measures) implements RollupInput {
    private static final int VERSION = 1;

    /** @param dimensions by name, of which the values are kept */
    static Counted of(UsageEvent event, List<Dimension> dimensions) {
        Map<String, String> values = new LinkedHashMap<>(dimensions.size() * 2);
        for (Dimension dimension : dimensions) {
            String value = dimension.valueIn(event);
            if (!value.isEmpty()) {
                values.put(dimension.name(), value);
            }
        }
        String run = UsageCorrections.isCorrection(event) ? "" : event.getGatewayRun();
        return new Counted(event.getOccurredAt(), run, values, Measures.of(event));
    }

    /** The value of a dimension; empty for none. */
    String value(String dimension) {
        return values.getOrDefault(dimension, "");
    }

    /** What budgets need to know of it; empty where it charges nothing. */
    List<Charge> charges(BudgetDimensions dimensions) {
        Amounts amounts = new Amounts(measures.costUsd(), measures.tokens());
        if (amounts.isNone()) {
            return List.of();
        }
        Map<String, String> known = new LinkedHashMap<>();
        for (String name : dimensions.names()) {
            String value = value(name);
            if (!value.isEmpty()) {
                known.put(name, value);
            }
        }
        return List.of(new Charge(at, run, amounts, known));
    }

    static Serde<Counted> serde() {
        KnownTexts texts = new KnownTexts();
        return Serdes.serdeFrom((topic, counted) -> counted.toBytes(), (topic, bytes) -> ofBytes(bytes, texts));
    }

    private byte[] toBytes() {
        PackedWriter out = new PackedWriter(VERSION)
                .number(ChronoUnit.MICROS.between(Instant.EPOCH, at))
                .text(run)
                .map(values, PackedWriter::text);
        measures.write(out);
        return out.toBytes();
    }

    private static Counted ofBytes(byte[] bytes, KnownTexts texts) {
        PackedReader in = new PackedReader(bytes, VERSION, texts);
        return new Counted(
                Instant.EPOCH.plus(in.number(), ChronoUnit.MICROS),
                in.text(),
                in.map(PackedReader::text),
                Measures.read(in));
    }
}
