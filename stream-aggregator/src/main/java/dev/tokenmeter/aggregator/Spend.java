package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageRollup;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An amount, and what each gateway run reported of it.
 *
 * @param usd known cost, USD
 * @param byRun by gateway run, USD; what no gateway reported is in none of them
 */
record Spend(BigDecimal usd, Map<String, BigDecimal> byRun) {
    static final Spend NONE = new Spend(Money.ZERO, Map.of());

    Spend {
        byRun = Map.copyOf(byRun);
    }

    static Spend of(UsageRollup rollup) {
        return new Spend(rollup.getCostUsd(), rollup.getCostByGatewayRun());
    }

    Spend plus(Spend other) {
        return new Spend(usd.add(other.usd), Rollups.sum(byRun, other.byRun));
    }

    boolean isSameAs(Spend other) {
        return usd.compareTo(other.usd) == 0 && byRun.equals(other.byRun);
    }

    /** As text: the amount alone, or a JSON array of the amount, and runs and theirs by turns. */
    String toText() {
        if (byRun.isEmpty()) {
            return usd.toPlainString();
        }
        List<String> parts = new ArrayList<>();
        parts.add(usd.toPlainString());
        byRun.forEach((run, amount) -> {
            parts.add(run);
            parts.add(amount.toPlainString());
        });
        return JsonKey.encode(parts);
    }

    /** Reads both forms; the shorter one is also what earlier releases kept. */
    static Spend fromText(String text) {
        if (!text.startsWith("[")) {
            return new Spend(new BigDecimal(text), Map.of());
        }
        List<String> parts = JsonKey.decode(text);
        Map<String, BigDecimal> byRun = new HashMap<>();
        for (int i = 1; i < parts.size(); i += 2) {
            byRun.put(parts.get(i), new BigDecimal(parts.get(i + 1)));
        }
        return new Spend(new BigDecimal(parts.get(0)), byRun);
    }
}
