package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.alerting.route.AlertLabels;
import dev.tokenmeter.alerting.route.Routing;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Sends each alert to the groups that take it. It remembers those that fire and sends them again after each start, because
 * the routes may be others than before; whom they have reached already they tell nothing new.
 */
final class AlertRouter extends ContextualProcessor<byte[], Alert, String, Alert> {
    static final String STORE = "notify-firing";

    private static final Duration AFTER_START = Duration.ofSeconds(1);

    private final Routing routing;
    private KeyValueStore<String, Alert> firing;
    private Cancellable start;

    AlertRouter(Routing routing) {
        this.routing = routing;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        firing = context.getStateStore(STORE);
        start = context.schedule(AFTER_START, PunctuationType.WALL_CLOCK_TIME, at -> routeAllAgain());
    }

    private void routeAllAgain() {
        start.cancel();
        List<Alert> all = new ArrayList<>();
        try (var entries = firing.all()) {
            entries.forEachRemaining(entry -> all.add(entry.value));
        }
        all.forEach(this::route);
    }

    @Override
    public void process(Record<byte[], Alert> record) {
        Alert alert = record.value();
        if (alert.getState() == AlertState.resolved) {
            firing.delete(alert.getAlertId());
        } else {
            firing.put(alert.getAlertId(), alert);
        }
        route(alert);
    }

    private void route(Alert alert) {
        Map<String, String> labels = AlertLabels.of(alert);
        routing.taking(labels)
                .forEach(route -> context()
                        .forward(new Record<>(
                                route.groupKey(labels), alert, context().currentSystemTimeMs())));
    }
}
