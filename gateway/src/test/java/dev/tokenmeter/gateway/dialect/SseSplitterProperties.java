package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SseSplitterProperties {
    record Stream(List<String> data, String text) {}

    @Property(tries = 400)
    void everyEventComesOutOnceAndNoByteIsLostHoweverTheStreamIsCut(
            @ForAll("streams") Stream stream, @ForAll("sizes") List<Integer> sizes) {
        byte[] bytes = stream.text.getBytes(StandardCharsets.UTF_8);
        List<String> seen = new ArrayList<>();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SseSplitter splitter = new SseSplitter();
        StreamSplitter.Sink sink = (buffer, from, to) -> {
            out.write(buffer, from, to - from);
            SseEvent event = SseEvent.parse(buffer, from, to);
            seen.add(new String(event.bytes(), event.offset(), event.length(), StandardCharsets.UTF_8));
        };
        int at = 0;
        for (int i = 0; at < bytes.length; i++) {
            int size = Math.min(bytes.length - at, sizes.get(i % sizes.size()));
            byte[] piece = new byte[size];
            System.arraycopy(bytes, at, piece, 0, size);
            splitter.feed(piece, sink);
            at += size;
        }
        byte[] rest = splitter.takeRest();
        if (rest.length > 0) {
            sink.piece(rest, 0, rest.length);
        }
        assertThat(out.toByteArray()).isEqualTo(bytes);
        assertThat(seen.stream().filter(data -> !data.isEmpty()).toList()).isEqualTo(stream.data);
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.integers().between(1, 40).list().ofMinSize(1).ofMaxSize(8);
    }

    @Provide
    Arbitrary<Stream> streams() {
        Arbitrary<String> data = Arbitraries.strings()
                .withChars('a', '"', ':', ' ', 'ü', '{', '}')
                .ofMinLength(1)
                .ofMaxLength(12)
                .map(text -> "{" + text);
        Arbitrary<String> newline = Arbitraries.of("\n", "\r\n");
        Arbitrary<String> before = Arbitraries.of("", ": comment", "event: x", "id:1", "dat: no", "retry: 10");
        Arbitrary<String> prefix = Arbitraries.of("data:", "data: ");
        Arbitrary<List<String>> event = Combinators.combine(data, newline, before, prefix)
                .as((text, end, extra, field) ->
                        List.of(text, (extra.isEmpty() ? "" : extra + end) + field + text + end + end));
        return event.list()
                .ofMaxSize(8)
                .map(events -> new Stream(
                        events.stream().map(e -> e.get(0)).toList(),
                        events.stream().map(e -> e.get(1)).reduce("", String::concat)));
    }
}
