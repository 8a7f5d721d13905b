package dev.tokenmeter.gateway.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputBoundTest {
    private static final TokenCounter COUNTER = new TokenCounter();

    private static byte[] chat(String text) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", "gpt-4o");
        request.putArray("messages").addObject().put("role", "user").put("content", text);
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static long counted(String model, byte[] request) {
        RequestText text = RequestText.of(request);
        return text.tokens()
                + text.texts().stream()
                        .mapToLong(part -> COUNTER.count(model, part))
                        .sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Please summarise the attached minutes of the meeting, and tell me who promised what, and by when.",
                "Die Donaudampfschifffahrtsgesellschaft veröffentlichte gestern außergewöhnliche Geschäftsergebnisse.",
                "Le gouvernement a annoncé hier une réforme générale de l'assurance maladie, très contestée.",
                "Правительство объявило о повышении минимального размера оплаты труда с первого января.",
                "今天天气很好,我们一起去公园散步吧。请把下面的文字翻译成英文,并保持原来的语气。",
                "今日はとても良い天気ですね。次の文章を英語に翻訳してください。",
                "오늘 날씨가 정말 좋네요. 다음 문장을 영어로 번역해 주세요.",
                "ما هي أفضل طريقة لتعلم لغة جديدة في وقت قصير؟",
                "आज मौसम बहुत अच्छा है, चलो पार्क में टहलने चलते हैं।",
                "for (int i = 0; i < n; i++) { sum += values[i] * weights[i] / 3.14159; } // O(n)",
                "{\"id\":\"5f0c2a\",\"items\":[{\"sku\":\"A-1002\",\"qty\":3,\"price\":19.99}],\"paid\":true}",
                "2026-11-24T12:05:54.123Z INFO [main] c.e.Service - took 1234567 ms, 98.7 %, 10.0.0.1:8080",
                "😀 🚀 👩‍👩‍👧 ✅ great job!!! 🎉🎉🎉",
                "|  id | name      | total |\n|----:|-----------|------:|\n|   1 | Ann       |  12.5 |\n",
                "<|endoftext|><|im_start|>system<|im_sep|>"
            })
    void itIsNoLessThanWhatATokenizerCountsAndNotSeveralTimesAsMuch(String text) {
        byte[] request = chat(text.repeat(20));
        for (String model : new String[] {"gpt-4o", "gpt-4"}) {
            assertThat(InputBound.of(request)).as(model).isGreaterThanOrEqualTo(counted(model, request));
        }
        assertThat(InputBound.of(request)).isLessThan(5 * counted("gpt-4o", request));
    }

    @Test
    void englishIsNotReservedTwiceOver() {
        byte[] request = chat(
                "Please summarise the attached minutes of the meeting, and tell me who promised what. ".repeat(50));
        assertThat(InputBound.of(request)).isLessThan(2 * counted("gpt-4o", request));
    }

    @Test
    void idsAreText() {
        StringBuilder ids = new StringBuilder();
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            ids.append(new UUID(random.nextLong(), random.nextLong())).append('\n');
        }
        byte[] request = chat(ids.toString());
        assertThat(InputBound.of(request)).isGreaterThanOrEqualTo(counted("gpt-4o", request));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iVBORw0KGgo", "/9j/4AAQSkZJRg", "R0lGODlhAQABAIAAAP", "UklGRiQAAABXRUJQ"})
    void anImageInBase64CountsAsALargeOneWhateverItsBytes(String magic) {
        byte[] noise = new byte[300_000];
        new Random(5).nextBytes(noise);
        String image = magic + Base64.getEncoder().encodeToString(noise);
        for (String form : new String[] {
            "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}",
            "{\"type\":\"image_url\",\"image_url\":{\"detail\":\"high\", \"url\" : \"data:image/png;base64,%s\"}}",
            "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,%s\"}",
            "{\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"%s\"}}",
            "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"%s\"}}",
            "{\"inline_data\":{\"data\":\"%s\",\"mime_type\":\"image/png\"}}",
            "{\"image\":{\"format\":\"png\",\"source\":{\"bytes\":\"%s\"}}}"
        }) {
            byte[] request = form.formatted(image).getBytes(StandardCharsets.UTF_8);
            assertThat(InputBound.of(request)).as(form).isBetween(4800L, 4900L);
        }
    }

    @Test
    void anotherFileCountsByItsBytes() {
        String file = "JVBERi0xLjcK" + "QUJD".repeat(10_000);
        String request =
                "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,"
                        + file + "\"}}";
        assertThat(InputBound.of(request.getBytes(StandardCharsets.UTF_8))).isBetween(10_000L, 10_100L);
    }

    @Test
    void tokensThatAreSentAsNumbersCountNoLessThanOneEach() {
        byte[] request = "{\"input\":[791,4062,14198,39935]}".getBytes(StandardCharsets.UTF_8);
        assertThat(InputBound.of(request)).isGreaterThanOrEqualTo(4);
    }

    @Property(tries = 500)
    void anyBytesHaveABound(@ForAll byte[] bytes) {
        assertThat(InputBound.of(bytes)).isBetween(0L, 2L * bytes.length + 1);
    }

    /** Whatever it begins with: the model reads it as text, letter by letter. */
    @ParameterizedTest
    @ValueSource(strings = {"iVBORw0KGgo", "/9j/4AAQSkZJRg", "JVBERi0xLjcK", "data:image/png;base64,iVBORw0KGgo"})
    void whatStandsWhereTextStandsCountsAsText(String beginning) {
        Random random = new Random(5);
        byte[] noise = new byte[30_000];
        random.nextBytes(noise);
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            letters.append((char) ('a' + random.nextInt(26)));
        }
        for (String text : new String[] {
            Base64.getEncoder().encodeToString(noise), HexFormat.of().formatHex(noise), letters.toString()
        }) {
            byte[] request = chat(beginning + text);
            for (String model : new String[] {"gpt-4o", "gpt-4"}) {
                long truth = COUNTER.count(model, beginning + text);
                assertThat(InputBound.of(request)).as(model).isBetween(truth, 3 * truth);
            }
        }
    }
}
