package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.serde.SingleObjectSerde;

/** Avro without a registry. */
final class TestSerdes {
    private TestSerdes() {}

    static AggregatorSerdes all() {
        return new AggregatorSerdes(
                new SingleObjectSerde<>(UsageEvent.getEncoder(), UsageEvent.getDecoder()),
                new SingleObjectSerde<>(UsageRollup.getEncoder(), UsageRollup.getDecoder()),
                new SingleObjectSerde<>(Budget.getEncoder(), Budget.getDecoder()),
                new SingleObjectSerde<>(BudgetStatus.getEncoder(), BudgetStatus.getDecoder()),
                new SingleObjectSerde<>(Anomaly.getEncoder(), Anomaly.getDecoder()));
    }
}
