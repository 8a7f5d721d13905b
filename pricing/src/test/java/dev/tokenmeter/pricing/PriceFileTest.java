package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceFileTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | prices: not there",
                "{\"prices\":[{}]} | prices[0].provider: found nothing",
                "{\"prices\":[{\"provider\":\"p\"}]} | prices[0].models: found nothing",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"]}]} | prices[0].factor: found neither rates",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"],\"usd_per_million_tokens\":{\"text_output_tokens\":1.5}}]} | found 1.5",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"],\"usd_per_million_tokens\":{\"text_output_tokens\":\"-1\"}}]} | text_output_tokens: found '-1'",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"],\"usd_per_million_tokens\":{\"text_output_tokens\":\"0.0000001\"}}]} | at most 6 digits",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"],\"usd_per_million_tokens\":{\"output\":\"1\"}}]} | found an unknown kind",
                "{\"prices\":[{\"provider\":\"p\",\"modles\":[\"m\"]}]} | prices[0].modles: found an unknown field",
                "{\"prices\":[{\"provider\":\"p\",\"provider\":\"q\"}]} | not JSON",
                "{\"prices\":[{\"provider\":\"p\",\"models\":[\"m\"],\"from\":\"yesterday\"}]} | prices[0].from: found 'yesterday'",
            })
    void aMistakeFailsTheFileAndNamesItsPlace(String json, String message) {
        assertThatThrownBy(() ->
                        PriceFile.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "own.json"))
                .isInstanceOf(PriceFileException.class)
                .hasMessageContaining("own.json")
                .hasMessageContaining(message);
    }
}
