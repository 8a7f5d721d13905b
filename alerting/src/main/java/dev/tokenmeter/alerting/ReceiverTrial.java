package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.channel.Receivers;
import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.alerting.deliver.Receiver;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Sends a test to a receiver of the settings, once and at once, past routes and topics. */
public final class ReceiverTrial {
    private ReceiverTrial() {}

    /**
     * How it went.
     *
     * @param delivered whether the receiver has it
     * @param said what the receiver, or the network, said; one line, no secret
     */
    public record Result(boolean delivered, String said) {}

    /**
     * Sends it; blocking.
     *
     * @param resolved whether to say that the test is over, which closes the incident that a test opens where receivers have such
     * @throws SettingException if the settings have no such receiver, or a wrong one
     */
    public static Result send(Settings settings, String name, boolean resolved) throws InterruptedException {
        List<Receiver> receivers = Receivers.from(settings);
        Receiver receiver = receivers.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        "alerting.receivers." + name,
                        "no such receiver",
                        receivers.isEmpty()
                                ? "receivers under alerting.receivers; name the file with --config"
                                : receivers.stream().map(Receiver::name).collect(Collectors.joining(", "))));
        Alert test = PageLinks.from(settings).linked(alert(name, resolved));
        Outcome outcome = receiver.sender().send(notification(name, test));
        return new Result(outcome instanceof Outcome.Delivered, outcome.said());
    }

    private static Alert alert(String receiver, boolean resolved) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return Alert.newBuilder()
                .setAlertId("test|" + receiver)
                .setKind("test")
                .setState(resolved ? AlertState.resolved : AlertState.firing)
                .setSeverity("info")
                .setTenant("test")
                .setSummary(
                        resolved
                                ? "The test of receiver " + receiver + " is over."
                                : "This is a test of receiver " + receiver
                                        + ". Nothing has happened, nobody needs to act.")
                .setLabels(Map.of("test", "true"))
                .setWindowStart(now)
                .setWindowEnd(now)
                .setStartsAt(now)
                .setUpdatedAt(now)
                .build();
    }

    private static Notification notification(String receiver, Alert alert) {
        return Notification.newBuilder()
                .setNotificationId(UUID.randomUUID().toString())
                .setReceiver(receiver)
                .setGroupKey("test")
                .setGroupLabels(Map.of("kind", "test"))
                .setReason("test")
                .setAlerts(List.of(alert))
                .setCreatedAt(alert.getUpdatedAt())
                .setValidUntil(alert.getUpdatedAt().plus(Duration.ofMinutes(5)))
                .build();
    }
}
