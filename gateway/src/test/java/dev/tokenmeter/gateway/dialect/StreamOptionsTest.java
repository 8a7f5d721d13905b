package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamOptionsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"stream\": true, \"n\":1.50} | {\"stream_options\":{\"include_usage\":true},\"stream\": true, \"n\":1.50}",
                "{\"stream\":true,\"stream_options\":{}} | {\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "{\"stream\":true,\"stream_options\":null} | {\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "{\"stream_options\":{\"x\":[1]},\"stream\":true} | {\"stream_options\":{\"include_usage\":true,\"x\":[1]},\"stream\":true}",
                "{\"stream\":true,\"stream_options\":{\"include_usage\": false ,\"x\":1}} | {\"stream\":true,\"stream_options\":{\"include_usage\": true ,\"x\":1}}",
                "{\"ü\":\"🚀\",\"stream\":true,\"stream_options\":null} | {\"ü\":\"🚀\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "{\"\\u0073tream\":true} | {\"stream_options\":{\"include_usage\":true},\"\\u0073tream\":true}",
                "{\"stream\":true,\"stream_options\":{\"include_usage\":null}} | {\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
            })
    void asksForUsageAndChangesNothingElse(String request, String expected) {
        StreamOptions.Result result = StreamOptions.askForUsage(request.getBytes(StandardCharsets.UTF_8));
        assertThat(new String(result.body(), StandardCharsets.UTF_8)).isEqualTo(expected);
        assertThat(result.asked()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"stream\":false}",
                "{\"model\":\"x\"}",
                "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "{\"messages\":[{\"stream\":true}]}",
                "[true]",
                "{\"stream\":true",
                "not json",
            })
    void leavesAloneWhatNeedsNoAskingOrIsNoJson(String request) {
        StreamOptions.Result result = StreamOptions.askForUsage(request.getBytes(StandardCharsets.UTF_8));
        assertThat(new String(result.body(), StandardCharsets.UTF_8)).isEqualTo(request);
        assertThat(result.asked()).isFalse();
    }
}
