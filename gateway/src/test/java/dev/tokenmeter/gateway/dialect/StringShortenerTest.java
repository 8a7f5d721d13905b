package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Long strings are cut, and what is left is still the same document. */
class StringShortenerTest {
    private static final String JSON =
            "{\"long\":\"aé€😀\\\"\\\\\\u20ac\\n]} , \\ud83d\\ude00 x\",\"\":\"\",\"b\\\"c\":[\"ab\",1,\"😀\"],\"d\":\"\\\\\"}";

    static IntStream lengths() {
        return IntStream.range(1, 45);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void theTextStaysValidWhereverItIsCutAndHoweverItComes(int maxBytes) throws IOException {
        byte[] whole = new StringShortener(maxBytes).shorten(JSON.getBytes());
        JsonNode shortened = new ObjectMapper().readTree(whole);
        assertThat(shortened.size()).isEqualTo(4);
        String text = shortened.get(shortened.fieldNames().next()).asText();
        assertThat(new ObjectMapper().readTree(JSON).get("long").asText()).startsWith(text);
        for (int piece = 1; piece < 10; piece++) {
            StringShortener shortener = new StringShortener(maxBytes);
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            for (int from = 0; from < JSON.getBytes().length; from += piece) {
                byte[] bytes = JSON.getBytes();
                joined.writeBytes(
                        shortener.shorten(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece))));
            }
            assertThat(joined.toByteArray()).isEqualTo(whole);
        }
    }
}
