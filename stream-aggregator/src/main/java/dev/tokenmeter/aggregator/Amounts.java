package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What was spent.
 *
 * @param usd known cost, USD
 * @param tokens of all kinds
 */
record Amounts(BigDecimal usd, long tokens) {
    static final Amounts NONE = new Amounts(Money.ZERO, 0);

    Amounts plus(Amounts other) {
        return new Amounts(usd.add(other.usd), Math.addExact(tokens, other.tokens));
    }

    boolean isNone() {
        return usd.signum() == 0 && tokens == 0;
    }

    /** Both numbers, a blank between them. */
    static Serde<Amounts> serde() {
        StringSerializer toText = new StringSerializer();
        StringDeserializer fromText = new StringDeserializer();
        return Serdes.serdeFrom(
                (topic, amounts) -> amounts == null
                        ? null
                        : toText.serialize(topic, amounts.usd.toPlainString() + " " + amounts.tokens),
                (topic, bytes) -> bytes == null ? null : of(fromText.deserialize(topic, bytes)));
    }

    private static Amounts of(String text) {
        int blank = text.indexOf(' ');
        return new Amounts(new BigDecimal(text.substring(0, blank)), Long.parseLong(text.substring(blank + 1)));
    }
}
