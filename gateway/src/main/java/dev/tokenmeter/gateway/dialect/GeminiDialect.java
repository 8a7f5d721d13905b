package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Google's Gemini API, native; what lies below {@code /openai/} speaks like OpenAI.
 *
 * @see <a href="https://ai.google.dev/api">API reference</a>
 * @see <a href="https://ai.google.dev/gemini-api/docs/openai">OpenAI compatibility</a>
 */
final class GeminiDialect implements Dialect {
    private static final Pattern MODEL = Pattern.compile("/models/([^/:]+):[A-Za-z]+$");
    private static final Pattern FREE =
            Pattern.compile("(/upload)?/[^/]+/(files|batches)([/:].*)?|/[^/]+/fileSearchStores"
                    + "|.*:(count[A-Za-z]*Tokens|cancel|delete)"
                    + "|.*:(batchGenerateContent|asyncBatchEmbedContent)");

    private static final Pattern IMAGEN = Pattern.compile("/models/imagen[^/:]*:predict$");
    private static final Pattern BATCH = Pattern.compile("/[^/]+/batches/([^/:]+)");
    private static final Pattern DOWNLOAD = Pattern.compile("(?:/download)?/[^/]+/files/([^/:]+):download");

    private final OpenAiDialect openAi = OpenAiDialect.ofGemini();

    @Override
    public String name() {
        return "gemini";
    }

    @Override
    public Dialect at(String path) {
        return path.matches("/[^/]+/openai/.*") ? openAi : this;
    }

    /** Counting tokens, files and the administration of batches are free. */
    @Override
    public Optional<Operation> operation(String method, String path) {
        if (!method.equals("POST") || FREE.matcher(path).matches()) {
            return Optional.empty();
        } else if (path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent")) {
            return Optional.of(Operation.GENERATE_CONTENT);
        } else if (path.endsWith(":embedContent") || path.endsWith(":batchEmbedContents")) {
            return Optional.of(Operation.EMBEDDINGS);
        }
        return Optional.of(IMAGEN.matcher(path).find() ? Operation.IMAGES : Operation.OTHER);
    }

    @Override
    public String requestedModel(String path, String inBody) {
        Matcher model = MODEL.matcher(path);
        return model.find() ? decoded(model.group(1)) : inBody;
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    @Override
    public Access access(String method, String path, boolean other) {
        return AccessRules.gemini(method, path, other);
    }

    @Override
    public Optional<BatchStep> batchStep(String method, String path) {
        if (method.equals("POST")) {
            boolean submits = path.endsWith(":batchGenerateContent") || path.endsWith(":asyncBatchEmbedContent");
            return submits ? Optional.of(new BatchStep(BatchStep.Kind.SUBMIT, null)) : Optional.empty();
        }
        Matcher batch = BATCH.matcher(path);
        Matcher file = DOWNLOAD.matcher(path);
        if (batch.matches()) {
            return Optional.of(new BatchStep(BatchStep.Kind.STATUS, batch.group(1)));
        }
        return file.matches() ? Optional.of(new BatchStep(BatchStep.Kind.FILE, file.group(1))) : Optional.empty();
    }

    @Override
    public BatchLines batchLines() {
        return new GeminiBatchLines();
    }

    @Override
    public boolean usageMustBeAsked(Operation operation, String query) {
        return false;
    }

    @Override
    public Header credential(String apiKey) {
        return new Header("x-goog-api-key", apiKey);
    }

    /** Google takes the key in the address too. */
    @Override
    public String credentialParameter() {
        return "key";
    }

    @Override
    public String requestIdHeader() {
        return "x-request-id";
    }

    /** See <a href="https://ai.google.dev/gemini-api/docs/priority-inference">priority inference</a>. */
    @Override
    public String serviceTierHeader() {
        return "x-gemini-service-tier";
    }

    @Override
    public AnswerShape answer(Operation operation) {
        return new GeminiAnswer();
    }

    /** See <a href="https://cloud.google.com/apis/design/errors">Google's error model</a>. */
    @Override
    public byte[] error(int status, String code, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("code", status)
                .put("message", message + " (" + code + ")")
                .put("status", canonical(status));
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String canonical(int status) {
        return switch (status) {
            case 401 -> "UNAUTHENTICATED";
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 429 -> "RESOURCE_EXHAUSTED";
            case 501 -> "UNIMPLEMENTED";
            case 502, 503 -> "UNAVAILABLE";
            case 504 -> "DEADLINE_EXCEEDED";
            default -> status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
        };
    }
}
