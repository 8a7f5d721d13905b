package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.streams.Decoded;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** Refuses replacements of rollups that this aggregator does not have, such as of a rebuild with other settings. */
final class ReplacementGate extends ContextualFixedKeyProcessor<byte[], Decoded<UsageRollup>, Decoded<UsageRollup>> {
    private final Map<String, Set<String>> dimensionsByGroup = new HashMap<>();

    ReplacementGate(List<DimensionGroup> groups) {
        groups.forEach(group -> dimensionsByGroup.put(group.name(), Set.copyOf(group.names())));
    }

    @Override
    public void process(FixedKeyRecord<byte[], Decoded<UsageRollup>> record) {
        Decoded<UsageRollup> decoded = record.value();
        if (decoded instanceof Decoded.Usable<UsageRollup> usable) {
            String problem = problem(record, usable.value());
            decoded = problem == null ? usable : usable.rejected(EventGate.INVALID, problem);
        }
        context().forward(record.withValue(decoded));
    }

    private String problem(FixedKeyRecord<byte[], Decoded<UsageRollup>> record, UsageRollup rollup) {
        if (record.key() == null || rollup == null || record.headers().lastHeader(RebuildScope.OF) == null) {
            return "no replacement of a rollup";
        }
        try {
            RebuildScope.of(record.headers().lastHeader(RebuildScope.OF));
        } catch (RuntimeException notOurs) {
            return "the header " + RebuildScope.OF + " is not that of a rebuild";
        }
        return rollup.getDimensions().keySet().equals(dimensionsByGroup.get(rollup.getDimensionGroup()))
                ? null
                : "no dimension group " + rollup.getDimensionGroup() + " of "
                        + rollup.getDimensions().keySet() + " here (stream-aggregator.dimension-groups)";
    }
}
