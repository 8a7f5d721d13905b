package dev.tokenmeter.gateway.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EstimateProperties {
    private static final TokenCounter COUNTER = new TokenCounter();
    private static final EndedCall CHAT =
            new EndedCall(Operation.CHAT, Outcome.completed, true, 200, true, "gpt-4o", UsageReading.NOTHING);

    private static byte[] request(List<String> texts) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ArrayNode messages = request.putArray("messages");
        texts.forEach(text -> messages.addObject().put("role", "user").put("content", text));
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] stream(List<String> texts) {
        StringBuilder events = new StringBuilder();
        for (String text : texts) {
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            event.putArray("choices")
                    .addObject()
                    .put("index", 0)
                    .putObject("delta")
                    .put("content", text);
            events.append("data: ").append(event).append("\n\n");
        }
        return events.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Kept kept(byte[] whole, int limit) {
        Recording recording = new Recording(new KeptBytes(Long.MAX_VALUE), limit);
        recording.add(Buffer.buffer(whole));
        return recording.kept();
    }

    private static Count count(byte[] request, byte[] answer, int limit) {
        return CallText.of(CHAT, kept(request, limit), kept(answer, limit))
                .orElseThrow()
                .count(COUNTER);
    }

    private static int bytes(List<String> texts) {
        return texts.stream()
                .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    @Property(tries = 200)
    void anotherMessageNeverLowersAnEstimateAndNoTextHasMoreTokensThanBytes(
            @ForAll("texts") List<String> texts, @ForAll("text") String more) {
        Count before = count(request(texts), stream(texts), 1 << 20);
        assertThat(before.method()).isEqualTo(Count.Method.TOKENIZER);
        assertThat(before.text()).isBetween(bytes(texts) == 0 ? 0L : 1L, (long) bytes(texts));
        assertThat(before.input()).isBetween(3L + 4L * texts.size(), 3L + 4L * texts.size() + bytes(texts));
        List<String> longer = new ArrayList<>(texts);
        longer.add(more);
        assertThat(count(request(longer), stream(longer), 1 << 20).input()).isGreaterThan(before.input());
    }

    @Property(tries = 100)
    void extrapolationStaysInProportion(@ForAll("text") String text, @ForAll @IntRange(min = 20, max = 60) int times) {
        List<String> texts = java.util.Collections.nCopies(times, text + " and so on.");
        byte[] answer = stream(texts);
        Count whole = count(request(texts), answer, 1 << 20);
        Count half = count(request(texts), answer, answer.length / 2);
        assertThat(half.method()).isEqualTo(Count.Method.EXTRAPOLATED);
        assertThat((double) half.text()).isBetween(whole.text() * 0.8, whole.text() * 1.25 + 5);
    }

    @Property(tries = 300)
    void aRecordingKeepsTheBeginningByteForByteWithinItsBoundsHoweverItComes(
            @ForAll @Size(max = 3000) byte[] body,
            @ForAll @IntRange(min = 1, max = 900) int piece,
            @ForAll @IntRange(min = 0, max = 4000) int limit,
            @ForAll @IntRange(min = 0, max = 4000) int max) {
        KeptBytes memory = new KeptBytes(max);
        Recording recording = new Recording(memory, limit);
        for (int at = 0; at < body.length; at += piece) {
            recording.add(Buffer.buffer(Arrays.copyOfRange(body, at, Math.min(body.length, at + piece))));
            assertThat(memory.taken()).isLessThanOrEqualTo(Math.min(max, limit));
        }
        Kept kept = recording.kept();
        assertThat(kept.total()).isEqualTo(body.length);
        assertThat(kept.length()).isLessThanOrEqualTo(limit);
        assertThat(kept.bytes()).isEqualTo(Arrays.copyOf(body, kept.length()));
        if (max >= limit) {
            assertThat(kept.length()).isEqualTo(Math.min(limit, body.length));
        }
        recording.forget();
        assertThat(memory.taken()).isZero();
    }

    @Property(tries = 300)
    void cutJsonIsReadUpToTheCut(@ForAll("text") String text, @ForAll @IntRange(min = 0, max = 200) int cut) {
        byte[] whole = JsonNodeFactory.instance
                .objectNode()
                .put("prompt", text)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        String read = PartialJson.read(whole, 0, Math.max(0, whole.length - cut))
                .path("prompt")
                .asText("");
        assertThat(text).startsWith(read);
        if (cut == 0) {
            assertThat(read).isEqualTo(text);
        }
    }

    @Provide
    Arbitrary<String> text() {
        Arbitrary<String> anything = Arbitraries.strings()
                .all()
                .ofMaxLength(60)
                .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
        Arbitrary<String> odd =
                Arbitraries.strings().withChars("\\\"u0\n<|>aé漢 ").ofMaxLength(80);
        return Arbitraries.oneOf(
                odd, anything, Arbitraries.of("The quick brown fox", "<|endoftext|>", "😀漢字", "    x"));
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return text().list().ofMaxSize(6);
    }
}
