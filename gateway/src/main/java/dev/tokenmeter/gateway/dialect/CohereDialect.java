package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Cohere's own API; what lies below {@code /compatibility/} speaks like OpenAI.
 *
 * @see <a href="https://docs.cohere.com/reference/chat">API reference</a>
 * @see <a href="https://docs.cohere.com/docs/compatibility-api">compatibility API</a>
 */
final class CohereDialect implements Dialect {
    private static final Pattern FREE =
            Pattern.compile("/v\\d/(tokenize|detokenize|check-api-key|(models|datasets|connectors)(/.*)?)");

    private final OpenAiDialect openAi = new OpenAiDialect();

    @Override
    public String name() {
        return "cohere";
    }

    @Override
    public Dialect at(String path) {
        return path.startsWith("/compatibility/") ? openAi : this;
    }

    @Override
    public Optional<Operation> operation(String method, String path) {
        if (!method.equals("POST") || FREE.matcher(path).matches()) {
            return Optional.empty();
        } else if (path.endsWith("/chat")) {
            return Optional.of(Operation.CHAT);
        } else if (path.endsWith("/generate")) {
            return Optional.of(Operation.COMPLETIONS);
        } else if (path.endsWith("/embed")) {
            return Optional.of(Operation.EMBEDDINGS);
        }
        return Optional.of(path.endsWith("/rerank") ? Operation.RERANK : Operation.OTHER);
    }

    @Override
    public Access access(String method, String path, boolean other) {
        return AccessRules.cohere(method, path, other);
    }

    @Override
    public boolean usageMustBeAsked(Operation operation, String query) {
        return false;
    }

    @Override
    public Header credential(String apiKey) {
        return openAi.credential(apiKey);
    }

    @Override
    public String requestIdHeader() {
        return "x-debug-trace-id";
    }

    @Override
    public AnswerShape answer(Operation operation) {
        return new CohereAnswer();
    }

    /** See <a href="https://docs.cohere.com/reference/errors">errors</a>. */
    @Override
    public byte[] error(int status, String code, String message) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("message", message + " (" + code + ")")
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }
}
