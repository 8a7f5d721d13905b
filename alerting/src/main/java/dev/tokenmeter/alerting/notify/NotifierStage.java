package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.alerting.route.Routing;
import dev.tokenmeter.alerting.route.Silences;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;

/**
 * The last part of alerting's topology:
 *
 * <pre>
 * alerts ─ which groups? ─▶ by group ─ what is due? ─▶ llm.notifications.v1
 * </pre>
 *
 * Without a receiver only what fires is remembered, so that the first receiver that is set up hears of it.
 */
public final class NotifierStage {
    private final Routing routing;
    private final Silences silences;
    private final Set<String> tellResolved;
    private final NotifySerdes serdes;
    private final MeterRegistry meters;

    /** @param tellResolved the receivers that hear of resolved alerts */
    public NotifierStage(
            Routing routing, Silences silences, Set<String> tellResolved, NotifySerdes serdes, MeterRegistry meters) {
        this.routing = routing;
        this.silences = silences;
        this.tellResolved = tellResolved;
        this.serdes = serdes;
        this.meters = meters;
    }

    /**
     * Adds it.
     *
     * @param alerts every committed step of every alert, one alert's in order
     */
    public void addTo(StreamsBuilder builder, KStream<byte[], Alert> alerts) {
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(AlertRouter.STORE), Serdes.String(), serdes.alerts()));
        KStream<String, Alert> routed =
                alerts.process(() -> new AlertRouter(routing), Named.as("notify-routes"), AlertRouter.STORE);
        if (routing.isEmpty()) {
            return;
        }
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(GroupStores.GROUPS), Serdes.String(), serdes.groups()));
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(GroupStores.ALERTS), Serdes.String(), serdes.grouped()));
        routed.repartition(Repartitioned.with(Serdes.String(), serdes.alerts()).withName("notify-by-group"))
                .process(
                        () -> new GroupNotifier(routing, silences, tellResolved, meters),
                        Named.as("notify-groups"),
                        GroupStores.GROUPS,
                        GroupStores.ALERTS)
                .to(
                        Topics.NOTIFICATIONS.topicName(),
                        Produced.with(Serdes.String(), serdes.notifications()).withName("notifications-sink"));
    }
}
