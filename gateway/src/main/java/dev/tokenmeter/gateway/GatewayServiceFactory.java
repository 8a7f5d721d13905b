package dev.tokenmeter.gateway;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.pricing.PriceFileException;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Makes the gateway of its settings. */
public final class GatewayServiceFactory implements ServiceFactory {
    @Override
    public String section() {
        return "gateway";
    }

    @Override
    public Set<String> sections() {
        return Set.of("gateway", "providers", "pricing", "kafka");
    }

    @Override
    public int managementPort() {
        return 9101;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new GatewayService(GatewayConfig.from(settings), context, prices(settings));
    }

    private static PriceBook prices(Settings settings) {
        String setting = "pricing.file";
        Optional<String> file = settings.optional(setting);
        if (file.isEmpty()) {
            return PriceBook.shipped();
        }
        try (InputStream in = Files.newInputStream(Path.of(file.get()))) {
            return PriceBook.shipped().with(PriceSource.FILE, PriceFile.read(in, "own"));
        } catch (IOException e) {
            throw new SettingException(
                    setting, "cannot read " + file.get(), "a readable price file, see docs/pricing.md");
        } catch (PriceFileException e) {
            throw new SettingException(setting, e.getMessage(), "a price file as docs/pricing.md describes it");
        }
    }
}
