package dev.tokenmeter.pricefeed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.service.Settings;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PriceFileSettingTest {
    @Test
    void aDeploymentAtAProviderOfAnotherNameIsPricedAsWhatItRuns() {
        PriceBook book = PriceFileSetting.book(Settings.of(
                Map.of("pricing.providers.azure-eu", "azure", "pricing.models.azure-eu.support-prod", "gpt-4o-mini")));
        assertThat(priceId(book, "azure-eu", "support-prod")).isEqualTo(priceId(book, "azure", "gpt-4o-mini"));
        assertThat(priceId(book, "azure", "support-prod")).isNull();
        assertThat(priceId(book, "azure", "gpt-4o-mini")).startsWith("shipped:azure/");
    }

    private static String priceId(PriceBook book, String provider, String model) {
        return book.find(new PriceQuery("acme", provider, model, null, null, Instant.parse("2026-11-24T12:00:00Z")))
                .map(tariff -> tariff.id())
                .orElse(null);
    }
}
