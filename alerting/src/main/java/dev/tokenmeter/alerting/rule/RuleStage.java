package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.alerting.AlertBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The part of alerting's topology that goes by rules:
 *
 * <pre>
 * hours of calls ─ what was added ─▶ by rule and group ─ last minutes against the rule ─┬─▶ alerts
 * prices ─ what changed ────────────────────────────────────────────────────────────────┤
 * (the clock) ─ lag of the pipeline ────────────────────────────────────────────────────┘
 * </pre>
 */
public final class RuleStage {
    private final RuleBook rules;
    private final Supplier<Map<String, Duration>> lags;
    private final Duration staleAfter;
    private final Serde<Alert> alerts;

    /** @param lags how far the pipeline is behind, by service */
    public RuleStage(RuleBook rules, Supplier<Map<String, Duration>> lags, Duration staleAfter, Serde<Alert> alerts) {
        this.rules = rules;
        this.lags = lags;
        this.staleAfter = staleAfter;
        this.alerts = alerts;
    }

    /** Adds what watches calls, by the rollups of one group's hours. */
    public KStream<String, Alert> ofCalls(StreamsBuilder builder, KStream<byte[], UsageRollup> hours) {
        CallDeltas.stores().forEach(builder::addStateStore);
        builder.addStateStore(CallAlerts.minutesStore());
        builder.addStateStore(AlertBook.store(CallAlerts.STORE, alerts));
        return hours.process(() -> new CallDeltas(rules), Named.as("rule-calls"), CallDeltas.LAST, CallDeltas.PENDING)
                .repartition(Repartitioned.with(Serdes.String(), Calls.serde()).withName("rule-calls-by-group"))
                .process(
                        () -> new CallAlerts(rules, staleAfter),
                        Named.as("call-alerts"),
                        CallAlerts.MINUTES,
                        CallAlerts.STORE);
    }

    /** Adds what watches prices and, by the clock of the same one task, the pipeline. */
    public KStream<String, Alert> ofPricesAndPipeline(
            StreamsBuilder builder, KStream<byte[], Price> prices, Serde<Price> values) {
        builder.addStateStore(PriceAlerts.pricesStore(values));
        builder.addStateStore(AlertBook.store(PriceAlerts.STORE, alerts));
        builder.addStateStore(AlertBook.store(LagAlerts.STORE, alerts));
        return prices.process(
                        () -> new PriceAlerts(rules, staleAfter),
                        Named.as("price-alerts"),
                        PriceAlerts.STORE,
                        PriceAlerts.PRICES)
                .merge(
                        prices.process(
                                () -> new LagAlerts(rules, lags, staleAfter), Named.as("lag-alerts"), LagAlerts.STORE),
                        Named.as("price-lag-merged"));
    }
}
