package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.Alert;
import java.util.Map;
import java.util.TreeMap;

/** By what alerts are matched and grouped. */
public final class AlertLabels {
    private AlertLabels() {}

    /**
     * The alert's own labels, and {@code tenant}, {@code kind}, {@code severity} and {@code alertname} (the kind again, by the
     * name that Alertmanager's users look for), which no label of its own replaces.
     */
    public static Map<String, String> of(Alert alert) {
        Map<String, String> labels = new TreeMap<>(alert.getLabels());
        labels.put("tenant", alert.getTenant());
        labels.put("kind", alert.getKind());
        labels.put("alertname", alert.getKind());
        labels.put("severity", alert.getSeverity());
        return labels;
    }
}
