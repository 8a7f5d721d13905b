package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * One alert for each anomaly that is not part of another. It is resolved when the anomaly is taken back, or when the time that it is about is long enough
 * over; an anomaly about such a time alerts nobody.
 */
final class AnomalyAlerts extends ContextualProcessor<byte[], Anomaly, String, Alert> {
    static final String STORE = "anomaly-alerts";
    static final String KIND = "anomaly";

    private final Duration staleAfter;
    private AlertBook book;

    AnomalyAlerts(Duration staleAfter) {
        this.staleAfter = staleAfter;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        book = new AlertBook(context, STORE, staleAfter);
    }

    @Override
    public void process(Record<byte[], Anomaly> record) {
        Anomaly anomaly = record.value();
        if (anomaly == null) {
            return;
        }
        Alert alert = alert(anomaly, book.now());
        if (anomaly.getResolved()) {
            book.firing(alert.getAlertId()).ifPresent(fired -> book.resolve(fired, AnomalyWords.resolved(anomaly)));
        } else if (anomaly.getPartOf() == null) {
            book.fire(alert);
            book.prolong(alert);
        }
    }

    private static Alert alert(Anomaly anomaly, Instant now) {
        Map<String, String> labels = new HashMap<>(anomaly.getDimensions());
        labels.put("rule", anomaly.getRule());
        boolean isAboutSpend = anomaly.getExpectedTokens() == null && anomaly.getExpectedRequests() == null;
        return Alert.newBuilder()
                .setAlertId(KIND + "|" + anomaly.getAnomalyId())
                .setKind(KIND)
                .setState(AlertState.firing)
                .setSeverity(anomaly.getSeverity())
                .setTenant(anomaly.getTenant())
                .setSummary(AnomalyWords.found(anomaly))
                .setLabels(labels)
                .setObservedUsd(isAboutSpend ? anomaly.getObservedUsd() : null)
                .setLimitUsd(isAboutSpend ? anomaly.getExpectedUsd() : null)
                .setWindowStart(anomaly.getWindowStart())
                .setWindowEnd(anomaly.getWindowEnd())
                .setStartsAt(anomaly.getDetectedAt())
                .setUpdatedAt(now)
                .build();
    }
}
