package dev.tokenmeter.gateway.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.gateway.dialect.BatchLine;
import dev.tokenmeter.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The providers' documented batch output, cut in two at every byte and byte by byte. */
class BatchOutputReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"openai-batch-output.jsonl", "anthropic-batch-results.jsonl", "gemini-batch-output.jsonl"})
    void isReadTheSameHoweverItIsCut(String fixture) throws IOException {
        Buffer all = fixture(fixture);
        List<BatchLine> whole = read(fixture, 1 << 20, List.of(all));
        assertThat(whole)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.reading().serviceTier()).isEqualTo("batch"));
        for (int cut = 1; cut < all.length(); cut++) {
            assertThat(read(fixture, 1 << 20, List.of(all.slice(0, cut), all.slice(cut, all.length()))))
                    .isEqualTo(whole);
        }
        List<Buffer> bytes = new ArrayList<>();
        for (int i = 0; i < all.length(); i++) {
            bytes.add(all.slice(i, i + 1));
        }
        assertThat(read(fixture, 1 << 20, bytes)).isEqualTo(whole);
        assertThat(read(fixture, 1 << 20, List.of(all.slice(0, all.length() - 1))))
                .isEqualTo(whole);
    }

    @Test
    void aLineThatIsTooLongIsSkippedAndSaidToBeAndTheNextIsRead() throws IOException {
        Buffer long1 = Buffer.buffer("{\"custom_id\":\"" + "x".repeat(10_000));
        Buffer rest = Buffer.buffer("\"}\n").appendBuffer(fixture("anthropic-batch-results.jsonl"));
        BatchOutputReader[] reader = new BatchOutputReader[1];
        List<BatchLine> lines = new ArrayList<>();
        reader[0] = new BatchOutputReader(Dialect.named("anthropic").batchLines(), 5000, false, lines::add);
        assertThat(reader[0].pass(long1)).isEqualTo(long1);
        assertThat(reader[0].pass(rest)).isEqualTo(rest);
        assertThat(lines).extracting(BatchLine::id).containsExactly("my-first", "my-third");
        assertThat(reader[0].unreadable()).isTrue();
    }

    private static List<BatchLine> read(String fixture, int maxLineBytes, List<Buffer> pieces) {
        List<BatchLine> lines = new ArrayList<>();
        Dialect dialect = Dialect.named(fixture.substring(0, fixture.indexOf('-')));
        BatchOutputReader reader = new BatchOutputReader(dialect.batchLines(), maxLineBytes, true, lines::add);
        Buffer out = Buffer.buffer();
        pieces.forEach(piece -> out.appendBuffer(reader.pass(piece)));
        out.appendBuffer(reader.takeHeld());
        assertThat(out.length())
                .isEqualTo(pieces.stream().mapToInt(Buffer::length).sum());
        return lines;
    }

    private static Buffer fixture(String name) throws IOException {
        try (InputStream in = BatchOutputReaderTest.class.getResourceAsStream("/wire/" + name)) {
            return Buffer.buffer(in.readAllBytes());
        }
    }
}
