package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.schemas.AlertGroup;
import dev.tokenmeter.schemas.GroupedAlert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/** The groups of one task, and their alerts, each an entry of its own so that no entry grows with its group. */
final class GroupStores {
    static final String GROUPS = "notify-groups";
    static final String ALERTS = "notify-grouped-alerts";

    /** Separates names; no name holds it. */
    private static final String SEPARATOR = "\u001f";

    private final KeyValueStore<String, AlertGroup> groups;
    private final KeyValueStore<String, GroupedAlert> alerts;

    GroupStores(ProcessorContext<?, ?> context) {
        groups = context.getStateStore(GROUPS);
        alerts = context.getStateStore(ALERTS);
    }

    AlertGroup group(String key) {
        return groups.get(key);
    }

    void put(String key, AlertGroup group) {
        groups.put(key, group);
    }

    /** All groups, a copy. */
    Map<String, AlertGroup> all() {
        Map<String, AlertGroup> all = new TreeMap<>();
        try (var entries = groups.all()) {
            entries.forEachRemaining(entry -> all.put(entry.key, entry.value));
        }
        return all;
    }

    GroupedAlert alert(String key, String alertId) {
        return alerts.get(key + SEPARATOR + alertId);
    }

    void put(String key, GroupedAlert alert) {
        alerts.put(key + SEPARATOR + alert.getAlert().getAlertId(), alert);
    }

    void remove(String key, GroupedAlert alert) {
        alerts.delete(key + SEPARATOR + alert.getAlert().getAlertId());
    }

    List<GroupedAlert> alerts(String key) {
        List<GroupedAlert> found = new ArrayList<>();
        try (var entries = alerts.prefixScan(key + SEPARATOR, new StringSerializer())) {
            entries.forEachRemaining(entry -> found.add(entry.value));
        }
        return found;
    }

    /** Removes the group and its alerts. */
    void remove(String key) {
        alerts(key).forEach(alert -> remove(key, alert));
        groups.delete(key);
    }
}
