package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What providers say that a usage costs, against what we say; {@code published-examples.csv} cites each page. */
class PublishedExamplesTest {
    /** All that providers bill by, as the catalogue promises it. */
    private static final Set<String> ALL = Set.of(
            "input",
            "cached_input",
            "cache_write_5m",
            "cache_write_1h",
            "output",
            "reasoning",
            "audio_in",
            "audio_out",
            "image_in_token",
            "image_out_token",
            "image_by_size_and_quality",
            "characters",
            "seconds",
            "searches",
            "tool_calls",
            "per_request",
            "context_tier",
            "flex",
            "priority",
            "batch",
            "off_peak",
            "region",
            "currency");

    private static final PriceBook SHIPPED = PriceBook.shipped();

    record Example(
            Set<String> covers,
            String provider,
            String model,
            String tier,
            String region,
            Instant at,
            String usage,
            BigDecimal stated,
            BigDecimal exact,
            String price,
            String source,
            LocalDate read) {
        static Example of(String line) {
            String[] cells = line.split("\\|", -1);
            assertThat(cells).as(line).hasSize(12);
            return new Example(
                    Set.of(cells[0].split(" ")),
                    cells[1],
                    cells[2],
                    orNull(cells[3]),
                    orNull(cells[4]),
                    cells[5].isEmpty() ? Events.NOW : Instant.parse(cells[5]),
                    cells[6],
                    new BigDecimal(cells[7]),
                    cells[8].isEmpty() ? new BigDecimal(cells[7]) : new BigDecimal(cells[8]),
                    cells[9],
                    cells[10],
                    LocalDate.parse(cells[11]));
        }

        private static String orNull(String cell) {
            return cell.isEmpty() ? null : cell;
        }

        PriceBook book() throws IOException {
            return price.isEmpty() ? SHIPPED : PriceBook.empty().with(PriceSource.FILE, given());
        }

        private List<Price> given() throws IOException {
            String[] words = price.split(" ");
            boolean usd = !words[0].contains("@");
            String prefix = usd ? "usd_" : "";
            String currency = usd
                    ? ""
                    : "\"currency\": \"%s\", \"exchange_rate\": \"%s\",".formatted((Object[]) words[0].split("@"));
            String json =
                    "{\"prices\": [{\"provider\": \"%s\", \"models\": [\"%s\"], %s \"%sper_million_tokens\": {%s}, \"%sper_unit\": {%s}}]}"
                            .formatted(
                                    provider, model, currency, prefix, rates(words, true), prefix, rates(words, false));
            return PriceFile.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "example");
        }

        private static String rates(String[] words, boolean ofTokens) {
            return Arrays.stream(words)
                    .filter(word -> word.contains("="))
                    .map(word -> word.split("="))
                    .filter(rate -> ofTokens == isToken(rate[0]))
                    .map(rate -> "\"" + rate[0] + "\": \"" + rate[1] + "\"")
                    .collect(Collectors.joining(", "));
        }

        private static boolean isToken(String name) {
            return Arrays.stream(TokenKind.values())
                    .anyMatch(kind -> kind.field().equals(name));
        }

        @Override
        public String toString() {
            return String.join(" ", new TreeSet<>(covers)) + ": " + provider + " " + model + " " + usage;
        }
    }

    static List<Example> examples() throws IOException {
        try (InputStream in = PublishedExamplesTest.class.getResourceAsStream("/published-examples.csv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("covers|"))
                    .map(Example::of)
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void costsWhatTheProviderSaysThatItCosts(Example example) throws IOException {
        UsageEvent call = Calls.of(example.provider, example.model, example.usage)
                .setServiceTier(example.tier)
                .setRegion(example.region)
                .setOccurredAt(example.at)
                .setHttpStatus(200)
                .build();
        UsageEvent priced = example.book().price(call);
        assertThat(priced.getCostUsd()).as(example.source).isNotNull().isEqualByComparingTo(example.exact);
        assertThat(example.exact.setScale(example.stated.scale(), RoundingMode.HALF_UP))
                .as("rounded as the provider does")
                .isEqualByComparingTo(example.stated);
        if (example.covers.contains("currency")) {
            assertThat(priced.getCostCurrency()).isEqualTo("CNY");
            assertThat(priced.getExchangeRate()).isEqualByComparingTo("0.14");
        }
    }

    @Test
    void everyUnitAndRuleHasAnExample() throws IOException {
        Set<String> covered =
                examples().stream().flatMap(example -> example.covers.stream()).collect(Collectors.toSet());
        assertThat(covered).isEqualTo(ALL);
        assertThat(examples()).allMatch(example -> example.source.startsWith("https://"));
    }
}
