package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PriceRecordsTest {
    private final Price full = Price.builder("id-1", "mistral", new Names(Set.of("a", "b"), Set.of("c"), Set.of("d-*")))
            .tenant("acme")
            .validity(new Validity(
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2027-01-01T00:00:00Z"),
                    List.of(new DailyHours(LocalTime.of(16, 30), LocalTime.of(0, 30)))))
            .serviceTiers(Set.of("flex", "batch"))
            .regions(Map.of("eu", new BigDecimal("1.1")))
            .rates(new Rates(
                    Map.of(TokenKind.UNCACHED_INPUT, new BigDecimal("0.000001")),
                    Map.of("seconds", new BigDecimal("0.000000000001"))))
            .contextTiers(List.of(
                    new ContextTier(200_001, new Rates(Map.of(TokenKind.TEXT_OUTPUT, new BigDecimal("15")), Map.of()))))
            .exchange(new Exchange("EUR", new BigDecimal("1.0873")))
            .provenance(new Provenance("api", Instant.parse("2026-02-03T04:05:06Z"), "token_1", "contract 17"))
            .build();

    private final Price factor = Price.builder("id-2", "*", new Names(Set.of(), Set.of(), Set.of("*")))
            .factor(new BigDecimal("0.85"))
            .build();

    @Test
    void aPriceComesBackFromItsRecordAsItWas() throws Exception {
        assertThat(throughBytes(full)).isEqualTo(full);
        assertThat(throughBytes(factor)).isEqualTo(factor);
    }

    @Test
    void aRecordThatNoPriceCanBeIsRefusedByTheNameOfItsField() {
        var entry = PriceRecords.toRecord(full);
        assertThatThrownBy(() -> PriceRecords.fromRecord(dev.tokenmeter.schemas.Price.newBuilder(entry)
                        .setPerMillionTokens(Map.of("outptu", BigDecimal.ONE))
                        .build()))
                .hasMessageContaining("per_million_tokens.outptu");
        assertThatThrownBy(() -> PriceRecords.fromRecord(dev.tokenmeter.schemas.Price.newBuilder(entry)
                        .setExchangeRate(null)
                        .build()))
                .hasMessageContaining("exchange_rate");
        assertThatThrownBy(() -> PriceRecords.fromRecord(dev.tokenmeter.schemas.Price.newBuilder(entry)
                        .setFactor(BigDecimal.ONE)
                        .build()))
                .hasMessageContaining("rates and a factor");
    }

    private static Price throughBytes(Price price) throws Exception {
        ByteBuffer bytes = PriceRecords.toRecord(price).toByteBuffer();
        return PriceRecords.fromRecord(dev.tokenmeter.schemas.Price.fromByteBuffer(bytes));
    }
}
