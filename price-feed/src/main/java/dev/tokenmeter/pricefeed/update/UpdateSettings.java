package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.lists.ListFormat;
import dev.tokenmeter.pricing.lists.PriceLists;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of a polled price list, {@code pricing.update.*}.
 *
 * @param url where it is fetched; null where it is a file
 * @param file where it is read; null where it has a URL
 * @param format how it is written
 * @param name of the list: the beginning of its prices' ids, and their source
 * @param interval from one look to the next
 * @param retry from a look that failed to the next
 * @param timeout for the whole of an answer
 * @param maxBytes of a list
 */
public record UpdateSettings(
        URI url,
        Path file,
        ListFormat format,
        String name,
        Duration interval,
        Duration retry,
        Duration timeout,
        int maxBytes) {
    private static final String PREFIX = "pricing.update.";
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /** Empty where neither URL nor file is set: then nothing is polled. */
    public static Optional<UpdateSettings> from(Settings settings) {
        Optional<URI> url = settings.url(PREFIX + "url");
        Optional<String> file = settings.optional(PREFIX + "file");
        if (url.isPresent() && file.isPresent()) {
            throw new SettingException(PREFIX + "file", "set beside " + PREFIX + "url", "one of them");
        }
        UpdateSettings update = new UpdateSettings(
                url.orElse(null),
                file.map(Path::of).orElse(null),
                settings.oneOf(PREFIX + "format", ListFormat.class, ListFormat.AUTO),
                name(settings),
                atLeast(settings, "interval", Duration.ofHours(6)),
                atLeast(settings, "retry", Duration.ofMinutes(5)),
                atLeast(settings, "timeout", Duration.ofSeconds(60)),
                settings.integer(PREFIX + "max-bytes", 32 << 20, 1, PriceLists.MAX_BYTES));
        return url.isPresent() || file.isPresent() ? Optional.of(update) : Optional.empty();
    }

    private static String name(Settings settings) {
        String name = settings.string(PREFIX + "name", "update");
        if (!name.matches("[a-z0-9-]{1,40}") || name.equals("api") || name.equals("shipped") || name.equals("own")) {
            throw new SettingException(
                    PREFIX + "name",
                    "found '" + name + "'",
                    "1 to 40 lower-case letters, digits and '-'; not api, shipped or own");
        }
        return name;
    }

    private static Duration atLeast(Settings settings, String key, Duration byDefault) {
        Duration value = settings.duration(PREFIX + key, byDefault);
        if (value.compareTo(SHORTEST) < 0) {
            throw new SettingException(PREFIX + key, "found " + value, "at least 1s");
        }
        return value;
    }

    /** For people: without user and query, which may hold a secret. */
    String place() {
        if (file != null) {
            return file.toString();
        }
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + url.getRawPath();
    }
}
