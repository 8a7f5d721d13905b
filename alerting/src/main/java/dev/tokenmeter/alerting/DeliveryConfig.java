package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.channel.Receivers;
import dev.tokenmeter.alerting.deliver.Receiver;
import dev.tokenmeter.alerting.route.Routing;
import dev.tokenmeter.alerting.route.Silences;
import dev.tokenmeter.service.Settings;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Settings of delivery to people: {@code alerting.receivers}, {@code .route}, {@code .time-intervals} and {@code .silences}.
 *
 * @param receivers may be none: then alerts reach their topic and the log
 */
record DeliveryConfig(List<Receiver> receivers, Routing routing, Silences silences) {
    /** Reads and checks them. */
    static DeliveryConfig from(Settings settings) {
        List<Receiver> receivers = Receivers.from(settings);
        Set<String> names = receivers.stream().map(Receiver::name).collect(Collectors.toSet());
        return new DeliveryConfig(receivers, Routing.from(settings, names), Silences.from(settings));
    }

    /** Names of those that hear of resolved alerts. */
    Set<String> tellResolved() {
        return receivers.stream()
                .filter(Receiver::tellResolved)
                .map(Receiver::name)
                .collect(Collectors.toSet());
    }
}
