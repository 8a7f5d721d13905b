package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is read of requests, cut in two at every byte. */
class RequestReaderTest {
    private static final String FORM = "--x-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
            + "Content-Type: audio/mpeg\r\n\r\nID3\r\n--x-\r\r\n\r\nname=\"model\"\r\n\r\nnot this\r\n--x-1\r\n"
            + "content-disposition: form-data; name=\"prompt\"\r\n\r\nsecret\r\n--x-1\r\n"
            + "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x-1\r\n"
            + "Content-Disposition: form-data; name=\"size\"\r\n\r\n512x512\r\n--x-1\r\n"
            + "Content-Disposition: form-data; name=\"quality\"\r\n\r\n\r\n--x-1--\r\n";

    @Test
    void aFormsModelIsFoundBehindItsFile() {
        byte[] form = FORM.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= form.length; cut++) {
            RequestFields fields = read("multipart/form-data; boundary=x-1", Operation.TRANSCRIPTION, form, cut)
                    .fields();
            assertThat(fields.model()).as("cut at " + cut).isEqualTo("whisper-1");
            assertThat(fields.size()).isEqualTo("512x512");
            assertThat(fields.quality()).isNull();
        }
    }

    @Test
    void aBoundaryMayBeQuotedAndAFormWithoutOneIsNotRead() {
        byte[] form = FORM.getBytes(StandardCharsets.UTF_8);
        assertThat(read("Multipart/Form-Data; charset=utf-8; boundary=\"x-1\"", Operation.IMAGES, form, 5)
                        .fields()
                        .model())
                .isEqualTo("whisper-1");
        assertThat(RequestReader.create(JsonExcerpt.factory(1000), "multipart/form-data", Operation.IMAGES, true, 1))
                .isEmpty();
    }

    @Test
    void speechIsBilledByTheCharactersOfItsInputWhichAreNotKept() {
        String text = "ü🚀\\n\\u00fc".repeat(3000);
        byte[] request = ("{\"model\":\"tts-1-hd\",\"input\":\"" + text + "\",\"voice\":\"alloy\"}")
                .getBytes(StandardCharsets.UTF_8);
        RequestFields fields =
                read("application/json", Operation.SPEECH, request, 7777).fields();
        UsageReading reading = Dialect.named("openai").withRequest(Operation.SPEECH, fields, UsageReading.NOTHING);
        assertThat(reading.units()).isEqualTo(Map.of("characters", BigDecimal.valueOf(12_000)));
        assertThat(reading.source()).isEqualTo(UsageSource.provider);
        assertThat(fields.model()).isEqualTo("tts-1-hd");
        assertThat(fields.toString()).doesNotContain("ü");
    }

    @Test
    void imagesAreBilledBySizeAndQuality() {
        assertThat(imageUnit("{\"model\":\"dall-e-3\",\"size\":\"1792x1024\",\"quality\":\"hd\"}"))
                .isEqualTo("images:1792x1024:hd");
        assertThat(imageUnit("{\"model\":\"dall-e-2\"}")).isEqualTo("images:1024x1024:standard");
        assertThat(imageUnit("{\"model\":\"dall-e-2\",\"size\":\"../../\"}")).isEqualTo("images:other:standard");
        assertThat(imageUnit("{\"model\":\"grok-2-image\"}")).isEqualTo("images");
    }

    private static String imageUnit(String request) {
        byte[] body = request.getBytes(StandardCharsets.UTF_8);
        RequestFields fields =
                read("application/json", Operation.IMAGES, body, 3).fields();
        UsageReading two = UsageReading.NOTHING.withUnits(Map.of("images", BigDecimal.valueOf(2)));
        Map<String, BigDecimal> units = Dialect.named("openai")
                .withRequest(Operation.IMAGES, fields, two)
                .units();
        assertThat(units.values()).containsExactly(BigDecimal.valueOf(2));
        return units.keySet().iterator().next();
    }

    private static RequestReader read(String contentType, Operation operation, byte[] body, int cut) {
        RequestReader reader = RequestReader.create(
                        JsonExcerpt.factory(Integer.MAX_VALUE), contentType, operation, true, 1 << 20)
                .orElseThrow();
        reader.feed(Arrays.copyOf(body, cut));
        reader.feed(Arrays.copyOfRange(body, cut, body.length));
        return reader;
    }
}
