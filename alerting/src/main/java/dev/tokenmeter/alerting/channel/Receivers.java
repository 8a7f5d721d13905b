package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.alerting.deliver.Receiver;
import dev.tokenmeter.alerting.deliver.RetryPolicy;
import dev.tokenmeter.alerting.deliver.Sender;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.util.ArrayList;
import java.util.List;

/** The receivers of the settings, {@code alerting.receivers.<name>}. */
public final class Receivers {
    private static final String RECEIVERS = "alerting.receivers";
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,49}";

    private enum Type {
        WEBHOOK,
        SLACK,
        TEAMS,
        EMAIL,
        PAGERDUTY,
        OPSGENIE,
        ALERTMANAGER
    }

    private Receivers() {}

    /** Reads and checks them. */
    public static List<Receiver> from(Settings settings) {
        List<Receiver> receivers = new ArrayList<>();
        for (String name : settings.names(RECEIVERS)) {
            String prefix = RECEIVERS + "." + name + ".";
            if (!name.matches(NAME)) {
                throw new SettingException(
                        prefix + "type", "receiver '" + name + "'", "up to 50 lower-case letters, digits and -");
            }
            receivers.add(new Receiver(
                    name,
                    sender(settings, prefix),
                    settings.bool(prefix + "send-resolved", true),
                    RetryPolicy.from(settings, prefix)));
        }
        return List.copyOf(receivers);
    }

    private static Sender sender(Settings settings, String prefix) {
        settings.required(prefix + "type");
        return switch (settings.oneOf(prefix + "type", Type.class, Type.WEBHOOK)) {
            case WEBHOOK -> http(settings, prefix, WebhookFormat.from(settings, prefix));
            case SLACK -> http(settings, prefix, SlackFormat.from(settings, prefix));
            case TEAMS -> http(settings, prefix, TeamsFormat.from(settings, prefix));
            case EMAIL -> EmailSender.from(settings, prefix);
            case PAGERDUTY -> http(settings, prefix, PagerDutyFormat.from(settings, prefix));
            case OPSGENIE -> http(settings, prefix, OpsgenieFormat.from(settings, prefix));
            case ALERTMANAGER -> http(settings, prefix, AlertmanagerFormat.from(settings, prefix));
        };
    }

    private static Sender http(Settings settings, String prefix, HttpFormat format) {
        return new HttpSender(format, HttpSettings.from(settings, prefix));
    }
}
