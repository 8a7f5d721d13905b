package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"model\":\"a\"}|{\"model\":\"v/b\\\"\"}",
                "{ \"x\" : {\"model\":\"a\"}, \"é\":[\"model\"],\"model\" : \"a\\n\" , \"z\":1}|"
                        + "{ \"x\" : {\"model\":\"a\"}, \"é\":[\"model\"],\"model\" : \"v/b\\\"\" , \"z\":1}",
                "{\"model\":5,\"n\":1}|{\"model\":5,\"n\":1}",
                "[\"model\",\"a\"]|[\"model\",\"a\"]",
                "{\"model\":\"a|{\"model\":\"a",
                "no json|no json",
            })
    void onlyTheModelIsReplaced(String request, String expected) {
        byte[] replaced = ModelName.replace(request.getBytes(StandardCharsets.UTF_8), "v/b\"");
        assertThat(new String(replaced, StandardCharsets.UTF_8)).isEqualTo(expected);
    }
}
