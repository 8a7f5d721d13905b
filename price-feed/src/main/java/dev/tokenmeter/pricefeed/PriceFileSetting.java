package dev.tokenmeter.pricefeed;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.pricing.PriceFileException;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.pricing.ProviderNames;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the configuration says about prices: the operator's own file, and what configured names mean. */
final class PriceFileSetting {
    private static final String SETTING = "pricing.file";

    private PriceFileSetting() {}

    /** The shipped prices, and before them the file's, if one is set; under the names that are configured. */
    static PriceBook book(Settings settings) {
        return prices(settings).with(names(settings));
    }

    private static ProviderNames names(Settings settings) {
        Map<String, Map<String, String>> models = new HashMap<>();
        for (String provider : settings.names("pricing.models")) {
            models.put(provider, settings.map("pricing.models." + provider));
        }
        return new ProviderNames(settings.map("pricing.providers"), models);
    }

    private static PriceBook prices(Settings settings) {
        Optional<String> file = settings.optional(SETTING);
        if (file.isEmpty()) {
            return PriceBook.shipped();
        }
        try (InputStream in = Files.newInputStream(Path.of(file.get()))) {
            return PriceBook.shipped().with(PriceSource.FILE, PriceFile.read(in, "own"));
        } catch (IOException e) {
            throw new SettingException(
                    SETTING, "cannot read " + file.get(), "a readable price file, see docs/pricing.md");
        } catch (PriceFileException e) {
            throw new SettingException(SETTING, e.getMessage(), "a price file as docs/pricing.md describes it");
        }
    }
}
