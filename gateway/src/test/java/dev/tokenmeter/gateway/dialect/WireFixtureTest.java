package dev.tokenmeter.gateway.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The providers' documented answers, each read whole, byte by byte, and cut in two at every byte. */
class WireFixtureTest {
    record Expected(
            String fixture,
            Operation operation,
            String model,
            String tier,
            Map<TokenKind, Long> tokens,
            Map<String, String> units,
            UsageSource source,
            boolean error) {
        Expected with(Map<String, String> others) {
            return new Expected(fixture, operation, model, tier, tokens, others, source, error);
        }

        Dialect dialect() {
            if (fixture.startsWith("gemini")) {
                return Dialect.named("gemini")
                        .at(fixture.startsWith("gemini-openai") ? "/v1beta/openai/x" : "/v1beta/x");
            } else if (fixture.startsWith("cohere") || fixture.startsWith("azure")) {
                return Dialect.named(fixture.substring(0, fixture.indexOf('-')));
            }
            return Dialect.named(operation == Operation.MESSAGES ? "anthropic" : "openai");
        }

        boolean stream() {
            return fixture.endsWith(".sse");
        }

        String contentType() {
            return stream()
                    ? "text/event-stream; charset=utf-8"
                    : fixture.endsWith(".jsonl") ? "application/stream+json" : "application/json";
        }

        @Override
        public String toString() {
            return fixture;
        }
    }

    /** Streams that no event, or one that breaks off, ends. */
    private static final Set<String> ENDLESS = Set.of(
            "gemini-stream.sse",
            "gemini-vertex-stream.sse",
            "gemini-grounded-stream.sse",
            "openai-error-midstream.sse",
            "anthropic-error-midstream.sse",
            "compatible-usage-on-finish.sse",
            "openai-no-done.sse");

    private static final Map<TokenKind, Long> FULL_CHAT = Map.of(
            TokenKind.UNCACHED_INPUT, 80L,
            TokenKind.CACHE_READ_INPUT, 1920L,
            TokenKind.AUDIO_INPUT, 6L,
            TokenKind.TEXT_OUTPUT, 100L,
            TokenKind.REASONING_OUTPUT, 192L,
            TokenKind.AUDIO_OUTPUT, 8L);
    private static final Map<TokenKind, Long> SMALL_CHAT =
            Map.of(TokenKind.UNCACHED_INPUT, 11L, TokenKind.TEXT_OUTPUT, 7L);
    private static final Map<TokenKind, Long> RESPONSES = Map.of(
            TokenKind.UNCACHED_INPUT, 28L,
            TokenKind.CACHE_READ_INPUT, 300L,
            TokenKind.TEXT_OUTPUT, 20L,
            TokenKind.REASONING_OUTPUT, 32L);
    private static final Map<TokenKind, Long> MESSAGE = Map.of(
            TokenKind.UNCACHED_INPUT, 2095L,
            TokenKind.CACHE_READ_INPUT, 1800L,
            TokenKind.CACHE_WRITE_5M_INPUT, 356L,
            TokenKind.CACHE_WRITE_1H_INPUT, 100L,
            TokenKind.TEXT_OUTPUT, 503L);
    private static final Map<TokenKind, Long> GEMINI = Map.of(
            TokenKind.UNCACHED_INPUT, 11L,
            TokenKind.TEXT_OUTPUT, 3L,
            TokenKind.REASONING_OUTPUT, 30L);
    private static final Map<TokenKind, Long> GEO = Map.of(TokenKind.UNCACHED_INPUT, 25L, TokenKind.TEXT_OUTPUT, 150L);

    /** Regions that answers name; the others name none. */
    private static final Map<String, String> REGIONS =
            Map.of("anthropic-geo.json", "us", "anthropic-geo-stream.sse", "us");

    private static final String GPT = "gpt-4o-2024-08-06";
    private static final String CLAUDE = "claude-sonnet-4-5-20250929";

    static Stream<Expected> fixtures() {
        return Stream.of(ofProviders(), ofCompatibleServers(), ofTools(), ofMedia())
                .flatMap(expected -> expected);
    }

    private static Stream<Expected> ofCompatibleServers() {
        Map<TokenKind, Long> cohere = Map.of(TokenKind.UNCACHED_INPUT, 5L, TokenKind.TEXT_OUTPUT, 418L);
        return Stream.of(
                chat("azure-chat.json", "gpt-4o-2024-11-20", null, SMALL_CHAT),
                chat("azure-stream.sse", "gpt-4o-2024-11-20", null, SMALL_CHAT),
                chat("mistral-stream.sse", "mistral-small-latest", null, SMALL_CHAT),
                chat("vllm-stream.sse", "Qwen/Qwen3-8B", null, SMALL_CHAT),
                chat("ollama-stream.sse", "llama3.2", null, SMALL_CHAT),
                chat("openai-no-done.sse", GPT, "default", SMALL_CHAT),
                ok("openai-completions-stream.sse", Operation.COMPLETIONS, "gpt-3.5-turbo-instruct", null, SMALL_CHAT),
                chat(
                        "deepseek-stream.sse",
                        "deepseek-reasoner",
                        null,
                        Map.of(
                                TokenKind.UNCACHED_INPUT,
                                36L,
                                TokenKind.CACHE_READ_INPUT,
                                64L,
                                TokenKind.TEXT_OUTPUT,
                                8L,
                                TokenKind.REASONING_OUTPUT,
                                12L)),
                chat(
                                "xai-stream.sse",
                                "grok-4",
                                null,
                                Map.of(
                                        TokenKind.UNCACHED_INPUT,
                                        26L,
                                        TokenKind.CACHE_READ_INPUT,
                                        6L,
                                        TokenKind.TEXT_OUTPUT,
                                        9L,
                                        TokenKind.REASONING_OUTPUT,
                                        94L))
                        .with(Map.of("search_sources", "3")),
                chat("cohere-chat.json", null, null, cohere),
                chat("cohere-stream.sse", null, null, cohere),
                chat("cohere-v1-stream.jsonl", null, null, cohere),
                ok("cohere-rerank.json", Operation.RERANK, null, null, Map.of()).with(Map.of("search_units", "1")),
                ok("cohere-embed.json", Operation.EMBEDDINGS, null, null, Map.of(TokenKind.UNCACHED_INPUT, 2L)),
                ok("voyage-rerank.json", Operation.RERANK, "rerank-2", null, Map.of(TokenKind.UNCACHED_INPUT, 26L)));
    }

    private static Stream<Expected> ofTools() {
        Map<String, String> tools = Map.of(
                "web_search_requests", "2",
                "file_search_requests", "1",
                "code_interpreter_sessions", "2",
                "image_generation_requests", "1");
        String gpt5 = "gpt-5-2025-08-07";
        return Stream.of(
                ok("openai-responses-tools.json", Operation.RESPONSES, gpt5, "default", RESPONSES)
                        .with(tools),
                ok("openai-responses-tools.sse", Operation.RESPONSES, gpt5, "default", RESPONSES)
                        .with(tools),
                ok("openai-responses-incomplete.sse", Operation.RESPONSES, gpt5, "default", RESPONSES),
                new Expected(
                        "openai-responses-failed.sse",
                        Operation.RESPONSES,
                        gpt5,
                        "default",
                        Map.of(),
                        Map.of(),
                        UsageSource.none,
                        true),
                chat("openai-search-model.json", "gpt-4o-search-preview-2025-03-11", null, SMALL_CHAT)
                        .with(Map.of("web_search_requests", "1")));
    }

    private static Stream<Expected> ofMedia() {
        Map<TokenKind, Long> image = Map.of(
                TokenKind.UNCACHED_INPUT, 10L,
                TokenKind.IMAGE_INPUT, 40L,
                TokenKind.IMAGE_OUTPUT, 50L);
        Map<TokenKind, Long> transcription = Map.of(
                TokenKind.UNCACHED_INPUT, 4L,
                TokenKind.AUDIO_INPUT, 10L,
                TokenKind.TEXT_OUTPUT, 45L);
        return Stream.of(
                ok("openai-image-tokens.json", Operation.IMAGES, null, null, image),
                ok("openai-image-stream.sse", Operation.IMAGES, null, null, image),
                ok("openai-image-dalle.json", Operation.IMAGES, null, null, Map.of())
                        .with(Map.of("images", "2")),
                ok("openai-transcription-tokens.json", Operation.TRANSCRIPTION, null, null, transcription),
                ok("openai-transcription-stream.sse", Operation.TRANSCRIPTION, null, null, transcription),
                ok("openai-transcription-seconds.json", Operation.TRANSCRIPTION, null, null, Map.of())
                        .with(Map.of("seconds", "9")),
                ok("whisper-verbose.json", Operation.TRANSCRIPTION, null, null, Map.of())
                        .with(Map.of("seconds", "8.470000267028809")),
                ok("groq-verbose.json", Operation.TRANSCRIPTION, null, null, Map.of())
                        .with(Map.of("seconds", "10.5")),
                ok(
                                "mistral-transcription.json",
                                Operation.TRANSCRIPTION,
                                "voxtral-mini-2507",
                                null,
                                Map.of(TokenKind.UNCACHED_INPUT, 4L, TokenKind.TEXT_OUTPUT, 635L))
                        .with(Map.of("seconds", "203")),
                ok(
                        "openai-speech-stream.sse",
                        Operation.SPEECH,
                        null,
                        null,
                        Map.of(TokenKind.UNCACHED_INPUT, 14L, TokenKind.AUDIO_OUTPUT, 101L)),
                ok("gemini-imagen.json", Operation.IMAGES, null, null, Map.of()).with(Map.of("images", "2")),
                ok("mistral-ocr.json", Operation.OTHER, "mistral-ocr-2505-completion", null, Map.of())
                        .with(Map.of("pages", "3")),
                new Expected(
                        "openai-moderation.json",
                        Operation.MODERATION,
                        "omni-moderation-latest",
                        null,
                        Map.of(),
                        Map.of(),
                        UsageSource.none,
                        false));
    }

    private static Stream<Expected> ofProviders() {
        return Stream.of(
                chat("openai-chat.json", GPT, "default", FULL_CHAT),
                chat("openai-chat-stream.sse", GPT, "default", FULL_CHAT),
                chat("openai-chat-stream-crlf.sse", GPT, "default", FULL_CHAT),
                chat("compatible-usage-on-finish.sse", GPT, "default", SMALL_CHAT),
                chat("compatible-usage-on-every-chunk.sse", GPT, "default", SMALL_CHAT),
                chat("groq-stream.sse", GPT, "default", SMALL_CHAT),
                chat("openrouter-stream.sse", GPT, "default", SMALL_CHAT),
                chat(
                        "deepseek-chat.json",
                        "deepseek-chat",
                        null,
                        Map.of(
                                TokenKind.UNCACHED_INPUT,
                                36L,
                                TokenKind.CACHE_READ_INPUT,
                                64L,
                                TokenKind.TEXT_OUTPUT,
                                20L)),
                chat(
                        "xai-chat.json",
                        "grok-4",
                        null,
                        Map.of(
                                TokenKind.UNCACHED_INPUT,
                                32L,
                                TokenKind.TEXT_OUTPUT,
                                9L,
                                TokenKind.REASONING_OUTPUT,
                                94L)),
                new Expected(
                        "openai-error-midstream.sse",
                        Operation.CHAT,
                        GPT,
                        "default",
                        Map.of(),
                        Map.of(),
                        UsageSource.none,
                        true),
                ok("openai-responses.json", Operation.RESPONSES, "gpt-5-2025-08-07", "flex", RESPONSES),
                ok("openai-responses-stream.sse", Operation.RESPONSES, "gpt-5-2025-08-07", "flex", RESPONSES),
                ok(
                        "openai-embeddings.json",
                        Operation.EMBEDDINGS,
                        "text-embedding-3-small",
                        null,
                        Map.of(TokenKind.UNCACHED_INPUT, 8L)),
                ok("anthropic-message.json", Operation.MESSAGES, CLAUDE, "standard", MESSAGE)
                        .with(Map.of("web_search_requests", "2")),
                ok("anthropic-stream.sse", Operation.MESSAGES, CLAUDE, "standard", MESSAGE)
                        .with(Map.of("web_search_requests", "2")),
                ok("anthropic-stream-crlf.sse", Operation.MESSAGES, CLAUDE, "standard", MESSAGE)
                        .with(Map.of("web_search_requests", "2")),
                ok("anthropic-fast.json", Operation.MESSAGES, "claude-opus-4-6", "fast", GEO),
                ok("anthropic-geo.json", Operation.MESSAGES, "claude-opus-4-6", null, GEO),
                ok("anthropic-geo-stream.sse", Operation.MESSAGES, "claude-opus-4-6", "standard", GEO),
                ok("anthropic-geo-not-available.json", Operation.MESSAGES, CLAUDE, "standard", GEO),
                ok(
                        "anthropic-compaction.json",
                        Operation.MESSAGES,
                        "claude-opus-4-6",
                        null,
                        Map.of(TokenKind.UNCACHED_INPUT, 203_000L, TokenKind.TEXT_OUTPUT, 4_500L)),
                gemini(
                        "gemini-generate.json",
                        "gemini-2.5-flash",
                        Map.of(
                                TokenKind.UNCACHED_INPUT,
                                440L,
                                TokenKind.CACHE_READ_INPUT,
                                600L,
                                TokenKind.TEXT_OUTPUT,
                                70L,
                                TokenKind.REASONING_OUTPUT,
                                500L)),
                gemini(
                                "gemini-audio-image.json",
                                "gemini-2.5-flash-image",
                                Map.of(
                                        TokenKind.UNCACHED_INPUT,
                                        40L,
                                        TokenKind.CACHE_READ_INPUT,
                                        10L,
                                        TokenKind.AUDIO_INPUT,
                                        160L,
                                        TokenKind.TEXT_OUTPUT,
                                        10L,
                                        TokenKind.IMAGE_OUTPUT,
                                        1290L))
                        .with(Map.of("cache_read_audio_tokens", "90")),
                gemini(
                        "gemini-thoughts-only.json",
                        "gemini-2.5-pro",
                        Map.of(TokenKind.UNCACHED_INPUT, 12L, TokenKind.REASONING_OUTPUT, 25L)),
                gemini("gemini-stream.json", "gemini-2.5-flash", GEMINI),
                gemini("gemini-grounded.json", "gemini-3-flash-preview", GEMINI)
                        .with(Map.of("web_search_requests", "2")),
                gemini("gemini-grounded-stream.sse", "gemini-2.5-flash", GEMINI)
                        .with(Map.of("web_search_requests", "1")),
                gemini("gemini-grounded-maps.json", "gemini-2.5-flash", GEMINI)
                        .with(Map.of("google_maps_requests", "1")),
                gemini("gemini-stream.sse", "gemini-2.5-flash", GEMINI),
                gemini("gemini-vertex-stream.sse", "gemini-2.5-flash", GEMINI),
                new Expected(
                        "gemini-error-midstream.json",
                        Operation.GENERATE_CONTENT,
                        "gemini-2.5-flash",
                        null,
                        Map.of(TokenKind.UNCACHED_INPUT, 11L, TokenKind.TEXT_OUTPUT, 3L),
                        Map.of(),
                        UsageSource.partial,
                        true),
                new Expected(
                        "gemini-embed.json",
                        Operation.EMBEDDINGS,
                        null,
                        null,
                        Map.of(),
                        Map.of(),
                        UsageSource.none,
                        false),
                chat(
                        "gemini-openai-chat.json",
                        "gemini-2.5-pro",
                        null,
                        Map.of(
                                TokenKind.UNCACHED_INPUT,
                                758L,
                                TokenKind.TEXT_OUTPUT,
                                102L,
                                TokenKind.REASONING_OUTPUT,
                                865L)),
                new Expected(
                        "anthropic-error-midstream.sse",
                        Operation.MESSAGES,
                        CLAUDE,
                        "standard",
                        with(MESSAGE, TokenKind.TEXT_OUTPUT, 3L),
                        Map.of(),
                        UsageSource.partial,
                        true));
    }

    private static Expected chat(String fixture, String model, String tier, Map<TokenKind, Long> tokens) {
        return ok(fixture, Operation.CHAT, model, tier, tokens);
    }

    private static Expected gemini(String fixture, String model, Map<TokenKind, Long> tokens) {
        return ok(fixture, Operation.GENERATE_CONTENT, model, null, tokens);
    }

    private static Expected ok(
            String fixture, Operation operation, String model, String tier, Map<TokenKind, Long> tokens) {
        return new Expected(fixture, operation, model, tier, tokens, Map.of(), UsageSource.provider, false);
    }

    private static Map<TokenKind, Long> with(Map<TokenKind, Long> tokens, TokenKind kind, long count) {
        Map<TokenKind, Long> changed = new EnumMap<>(tokens);
        changed.put(kind, count);
        return changed;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void isReadAndPassedUnchangedHoweverItIsCut(Expected expected) throws IOException {
        byte[] bytes = fixture(expected.fixture);
        check(expected, bytes, pieces(bytes, bytes.length));
        check(expected, bytes, pieces(bytes, 1));
        for (int cut = 1; cut < bytes.length; cut++) {
            Buffer all = Buffer.buffer(bytes);
            check(expected, bytes, List.of(all.slice(0, cut), all.slice(cut, bytes.length)));
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void readAsWhatItIsNotItNeverPassesForExactAndFree(Expected expected) throws IOException {
        byte[] bytes = fixture(expected.fixture);
        for (String dialect : Dialect.NAMES) {
            for (Operation operation : Operation.values()) {
                UsageReader reader = new UsageReader.Factory(1 << 20)
                        .create(Dialect.named(dialect).answer(operation), expected.contentType(), null, false);
                reader.pass(Buffer.buffer(bytes));
                reader.takeHeld();
                UsageReading reading = reader.reading(true);
                long tokens =
                        Stream.of(TokenKind.values()).mapToLong(reading::tokens).sum();
                assertThat(reading.source() != UsageSource.provider
                                || tokens > 0
                                || !reading.units().isEmpty())
                        .as("%s %s: %s", dialect, operation, reading)
                        .isTrue();
            }
        }
    }

    @Test
    void theSpeedThatItWasServedAtStaysInTheRawUsage() throws IOException {
        UsageReader reader = new UsageReader.Factory(1 << 20)
                .create(Dialect.named("anthropic").answer(Operation.MESSAGES), "application/json", null, false);
        reader.pass(Buffer.buffer(fixture("anthropic-fast.json")));
        assertThat(reader.reading(true).rawUsage())
                .contains("\"speed\":\"fast\"")
                .doesNotContain("tier");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cost\": 1e-999999999}",
                "{\"cost\": 1e999999999}",
                "{\"cost_in_usd_ticks\": 1e-2147483640}",
                "{\"seconds\": 1e-999999999}",
                "{\"num_sources_used\": 1e999999999}"
            })
    void aQuantityThatNobodyCouldAddUpIsNone(String usage) {
        UsageReader reader = new UsageReader.Factory(1 << 20)
                .create(Dialect.named("openai").answer(Operation.CHAT), "application/json", null, false);
        reader.pass(Buffer.buffer("{\"model\":\"m\",\"usage\":" + usage + "}"));
        assertThat(reader.reading(true).providerCostUsd()).isNull();
        assertThat(reader.reading(true).units()).isEmpty();
    }

    @Test
    void aStreamThatEndsBeforeItsFinalCountIsNotExact() throws IOException {
        String all = new String(fixture("anthropic-stream.sse"), StandardCharsets.UTF_8);
        UsageReader reader = new UsageReader.Factory(1 << 20)
                .create(Dialect.named("anthropic").answer(Operation.MESSAGES), "text/event-stream", null, false);
        reader.pass(Buffer.buffer(all.substring(0, all.indexOf("event: message_delta"))));
        assertThat(reader.reading(true).source()).isEqualTo(UsageSource.partial);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void holdsItsEndUntilTheCallIsMetered(Expected expected) throws IOException {
        UsageReader reader = reader(expected, false);
        byte[] bytes = fixture(expected.fixture);
        Buffer passed = reader.pass(Buffer.buffer(bytes));
        boolean hasEnd = !ENDLESS.contains(expected.fixture);
        assertThat(reader.complete()).isEqualTo(hasEnd);
        if (hasEnd) {
            assertThat(passed.length()).isLessThan(bytes.length);
        }
    }

    private static void check(Expected expected, byte[] bytes, List<Buffer> pieces) {
        UsageReader reader = reader(expected, false);
        Buffer out = Buffer.buffer();
        pieces.forEach(piece -> out.appendBuffer(reader.pass(piece)));
        out.appendBuffer(reader.takeHeld());
        assertThat(out.getBytes()).isEqualTo(bytes);

        UsageReading reading = reader.reading(!expected.error);
        assertThat(reading.model()).isEqualTo(expected.model);
        assertThat(reading.serviceTier()).isEqualTo(expected.tier);
        assertThat(reading.region()).isEqualTo(REGIONS.get(expected.fixture));
        assertThat(reading.source()).isEqualTo(expected.source);
        assertThat(reading.error()).isEqualTo(expected.error);
        for (TokenKind kind : TokenKind.values()) {
            assertThat(reading.tokens(kind)).as(kind.field()).isEqualTo(expected.tokens.getOrDefault(kind, 0L));
        }
        assertThat(reading.units()).hasSameSizeAs(expected.units);
        expected.units.forEach(
                (unit, amount) -> assertThat(reading.units().get(unit)).as(unit).isEqualByComparingTo(amount));
        if (expected.fixture.startsWith("openrouter")) {
            assertThat(reading.providerCostUsd()).isEqualByComparingTo("0.00000105");
        }
        if (expected.fixture.equals("xai-stream.sse")) {
            assertThat(reading.providerCostUsd()).isEqualByComparingTo("0.0037756");
        }
        if (reading.rawUsage() != null) {
            assertThat(reading.rawUsage())
                    .startsWith("{\"")
                    .doesNotContain("standard")
                    .doesNotContain("ON_DEMAND")
                    .doesNotContain("compaction");
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void hidesOnlyTheChunkThatHoldsNothingButUsage(Expected expected) throws IOException {
        byte[] bytes = fixture(expected.fixture);
        String all = new String(bytes);
        String separator = all.contains("\r\n") ? "\r\n\r\n" : "\n\n";
        String shown = Stream.of(all.split("(?<=" + separator + ")"))
                .filter(event ->
                        !(expected.stream() && event.contains("\"choices\": []") && event.contains("\"usage\": {")))
                .reduce("", String::concat);
        for (int size : new int[] {bytes.length, 1, 7}) {
            UsageReader reader = reader(expected, true);
            Buffer out = Buffer.buffer();
            pieces(bytes, size).forEach(piece -> out.appendBuffer(reader.pass(piece)));
            out.appendBuffer(reader.takeHeld());
            assertThat(out.toString()).isEqualTo(shown);
            assertThat(reader.reading(!expected.error).tokens(TokenKind.UNCACHED_INPUT))
                    .isEqualTo(expected.tokens.getOrDefault(TokenKind.UNCACHED_INPUT, 0L));
        }
    }

    private static UsageReader reader(Expected expected, boolean hide) {
        return new UsageReader.Factory(1 << 20)
                .create(expected.dialect().answer(expected.operation), expected.contentType(), null, hide);
    }

    private static List<Buffer> pieces(byte[] bytes, int size) {
        Buffer all = Buffer.buffer(bytes);
        return Stream.iterate(0, from -> from < bytes.length, from -> from + size)
                .map(from -> all.slice(from, Math.min(bytes.length, from + size)))
                .toList();
    }

    static byte[] fixture(String name) throws IOException {
        try (InputStream in = WireFixtureTest.class.getResourceAsStream("/wire/" + name)) {
            return in.readAllBytes();
        }
    }
}
