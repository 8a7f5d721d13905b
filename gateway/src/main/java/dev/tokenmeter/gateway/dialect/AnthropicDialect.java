package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Anthropic's Messages API; chat completions and the like, which Anthropic takes too, speak like OpenAI.
 *
 * @see <a href="https://docs.anthropic.com/en/api/messages">messages</a>
 * @see <a href="https://docs.anthropic.com/en/api/errors">errors</a>
 * @see <a href="https://docs.anthropic.com/en/api/openai-sdk">OpenAI SDK compatibility</a>
 */
final class AnthropicDialect implements Dialect {
    private static final Pattern FREE = Pattern.compile("/v1/(skills(/.*)?|organizations/.*)");
    private static final Pattern BATCHES = Pattern.compile("/messages/batches(?:/([^/]+)(/results)?)?(?:/cancel)?$");

    private static final String MESSAGES = "/messages";
    private static final List<String> OPEN_AIS = List.of("/completions", "/responses", "/embeddings");

    private final boolean bearer;

    AnthropicDialect() {
        this(false);
    }

    private AnthropicDialect(boolean bearer) {
        this.bearer = bearer;
    }

    /** As a provider speaks it that is otherwise like OpenAI: it takes its keys as OpenAI does. */
    static AnthropicDialect withBearer() {
        return new AnthropicDialect(true);
    }

    /** Whether this is a path of the Messages API, and not of messages in OpenAI's threads. */
    static boolean isSpokenAt(String path) {
        int start = path.indexOf(MESSAGES);
        int end = start + MESSAGES.length();
        return start >= 0
                && (start == 0 || path.startsWith("/v1", start - 3))
                && (path.length() == end || path.charAt(end) == '/');
    }

    @Override
    public Dialect at(String path) {
        for (String end : OPEN_AIS) {
            if (path.endsWith(end)) {
                return new OpenAiDialect();
            }
        }
        return this;
    }

    @Override
    public String name() {
        return "anthropic";
    }

    /** Counting tokens, files, skills and administration are free. */
    @Override
    public Optional<Operation> operation(String method, String path) {
        if (!method.equals("POST") || path.endsWith("/count_tokens") || isFree(path)) {
            return Optional.empty();
        } else if (path.endsWith("/messages")) {
            return Optional.of(Operation.MESSAGES);
        } else if (path.endsWith("/complete")) {
            return Optional.of(Operation.COMPLETIONS);
        }
        return Optional.of(Operation.OTHER);
    }

    private static boolean isFree(String path) {
        return path.contains("/messages/batches")
                || path.endsWith("/files")
                || path.contains("/files/")
                || FREE.matcher(path).matches();
    }

    @Override
    public Access access(String method, String path, boolean other) {
        return AccessRules.anthropic(method, path, other);
    }

    @Override
    public Optional<BatchStep> batchStep(String method, String path) {
        Matcher batches = BATCHES.matcher(path);
        if (!batches.find()) {
            return Optional.empty();
        } else if (method.equals("POST") && batches.group(1) == null) {
            return Optional.of(new BatchStep(BatchStep.Kind.SUBMIT, null));
        }
        boolean results = batches.group(2) != null;
        return Optional.of(new BatchStep(results ? BatchStep.Kind.RESULTS : BatchStep.Kind.STATUS, batches.group(1)));
    }

    @Override
    public BatchLines batchLines() {
        return new AnthropicBatchLines();
    }

    @Override
    public boolean usageMustBeAsked(Operation operation, String query) {
        return false;
    }

    @Override
    public Header credential(String apiKey) {
        return bearer ? new Header("authorization", "Bearer " + apiKey) : new Header("x-api-key", apiKey);
    }

    @Override
    public String requestIdHeader() {
        return "request-id";
    }

    @Override
    public AnswerShape answer(Operation operation) {
        return new AnthropicAnswer();
    }

    @Override
    public byte[] error(int status, String code, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
        body.putObject("error").put("type", type(status)).put("message", message);
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }
}
