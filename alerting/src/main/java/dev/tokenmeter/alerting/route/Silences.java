package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.alert.Matcher;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which alerts are silenced. Thread-safe. */
@FunctionalInterface
public interface Silences {
    /** Whether nobody is told of an alert with these labels now. */
    boolean mute(Map<String, String> labels, Instant now);

    /** Those of the settings, {@code alerting.silences}. */
    static Silences from(Settings settings) {
        List<Silence> silences = new ArrayList<>();
        for (String entry : settings.entries("alerting.silences")) {
            List<Matcher> matchers = Routing.matchers(settings, entry + ".matchers");
            if (matchers.isEmpty()) {
                throw new SettingException(entry + ".matchers", "not set", "at least one, such as tenant=acme");
            }
            settings.optional(entry + ".comment");
            Instant starts = time(settings, entry + ".starts-at", Instant.EPOCH);
            Instant ends = time(settings, entry + ".ends-at", null);
            if (!ends.isAfter(starts)) {
                throw new SettingException(entry + ".ends-at", "found " + ends, "a time after starts-at");
            }
            silences.add(new Silence(matchers, starts, ends));
        }
        List<Silence> all = List.copyOf(silences);
        return (labels, now) -> all.stream().anyMatch(silence -> silence.mutes(labels, now));
    }

    /** Whether what is not known does not exist; before that nobody should be told of anything. */
    default boolean areKnown() {
        return true;
    }

    /** Those of either. */
    default Silences and(Silences others) {
        Silences these = this;
        return new Silences() {
            @Override
            public boolean mute(Map<String, String> labels, Instant now) {
                return these.mute(labels, now) || others.mute(labels, now);
            }

            @Override
            public boolean areKnown() {
                return these.areKnown() && others.areKnown();
            }
        };
    }

    private static Instant time(Settings settings, String key, Instant byDefault) {
        String text = byDefault == null
                ? settings.required(key)
                : settings.optional(key).orElse(null);
        if (text == null) {
            return byDefault;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new SettingException(key, "found '" + text + "'", "a time such as 2027-01-01T00:00:00Z");
        }
    }
}
