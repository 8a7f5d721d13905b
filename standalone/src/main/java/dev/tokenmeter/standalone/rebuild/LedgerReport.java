package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.storage.query.LedgerCheck;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether events and rollups agree, by group and granularity, and where they do not. Blocking. */
final class LedgerReport {
    private final LedgerCheck ledger;
    private final Optional<String> tenant;
    private final Set<String> groups;

    /** @param groups that must agree */
    LedgerReport(LedgerCheck ledger, Optional<String> tenant, Set<String> groups) {
        this.ledger = ledger;
        this.tenant = tenant;
        this.groups = groups;
    }

    /** What does not agree, one in a line; empty if all does. */
    List<String> differences(TimeRange range, List<String> granularities) {
        LedgerCheck.Result found = ledger.run(range, tenant);
        List<String> differences = new ArrayList<>();
        boolean isAnything = found.events().get("requests").signum() != 0;
        for (String granularity : granularities) {
            for (String group : groups) {
                Optional<LedgerCheck.Group> sums = found.rollups().stream()
                        .filter(one -> one.granularity().equals(granularity)
                                && one.dimensionGroup().equals(group))
                        .findFirst();
                if (sums.isEmpty() && isAnything) {
                    differences.add(where(range, granularity, group) + ": events, and no rollup of them");
                } else if (sums.isPresent() && !sums.get().exact()) {
                    differences.add(where(range, granularity, group) + ": "
                            + difference(found.events(), sums.get().sums()));
                }
            }
        }
        return differences;
    }

    private static String where(TimeRange range, String granularity, String group) {
        return range.from() + " to " + range.until() + ", " + group + " by " + granularity;
    }

    private static String difference(Map<String, BigDecimal> events, Map<String, BigDecimal> rollups) {
        StringBuilder text = new StringBuilder();
        events.forEach((metric, sum) -> {
            BigDecimal other = rollups.get(metric);
            boolean same = sum == null || other == null ? sum == other : sum.compareTo(other) == 0;
            if (!same) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append(metric)
                        .append(' ')
                        .append(sum == null ? "unknown" : sum.toPlainString())
                        .append(" in events, ")
                        .append(other == null ? "unknown" : other.toPlainString())
                        .append(" in rollups");
            }
        });
        return text.toString();
    }
}
