package dev.tokenmeter.gateway.dialect;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenAI's models on Azure: OpenAI's bodies at other paths, either with a deployment and a dated {@code api-version} or, on
 * the v1 surface, like OpenAI's own. A key travels in {@code api-key}. Claude's models on Azure speak like Anthropic.
 *
 * @see <a href="https://learn.microsoft.com/azure/ai-foundry/openai/reference">dated REST API</a>
 * @see <a href="https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle">v1 API</a>
 */
final class AzureDialect implements Dialect {
    private static final Pattern PREFIX = Pattern.compile("^/openai(/v1|/deployments/([^/]+))?(?=/)");
    private static final Pattern DATED_VERSION = Pattern.compile("(?:^|&)api-version=(\\d{4}-\\d{2}-\\d{2})");
    /**
     * The first version that takes {@code stream_options}; earlier ones refuse a request that has it
     * (<a href="https://learn.microsoft.com/azure/ai-foundry/openai/whats-new">what's new</a>, September 2024).
     */
    private static final String FIRST_WITH_STREAM_OPTIONS = "2024-09-01";

    private final OpenAiDialect openAi = new OpenAiDialect();
    private final AnthropicDialect anthropic = new AnthropicDialect();

    @Override
    public String name() {
        return "azure";
    }

    @Override
    public Dialect at(String path) {
        return path.startsWith("/anthropic/") || AnthropicDialect.isSpokenAt(path) ? anthropic : this;
    }

    @Override
    public String requestedModel(String path, String inBody) {
        Matcher deployment = PREFIX.matcher(path);
        return inBody == null && deployment.find() && deployment.group(2) != null
                ? decoded(deployment.group(2))
                : inBody;
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    @Override
    public Optional<Operation> operation(String method, String path) {
        return openAi.operation(method, PREFIX.matcher(path).replaceFirst(""));
    }

    @Override
    public Access access(String method, String path, boolean other) {
        return openAi.access(method, PREFIX.matcher(path).replaceFirst(""), other);
    }

    @Override
    public Optional<BatchStep> batchStep(String method, String path) {
        return openAi.batchStep(method, PREFIX.matcher(path).replaceFirst(""));
    }

    @Override
    public BatchLines batchLines() {
        return openAi.batchLines();
    }

    @Override
    public boolean usageMustBeAsked(Operation operation, String query) {
        Matcher version = DATED_VERSION.matcher(query == null ? "" : query);
        boolean understood = !version.find() || version.group(1).compareTo(FIRST_WITH_STREAM_OPTIONS) >= 0;
        return understood && openAi.usageMustBeAsked(operation, query);
    }

    @Override
    public Header credential(String apiKey) {
        return new Header("api-key", apiKey);
    }

    @Override
    public String requestIdHeader() {
        return "apim-request-id";
    }

    @Override
    public AnswerShape answer(Operation operation) {
        return openAi.answer(operation);
    }

    @Override
    public UsageReading withRequest(Operation operation, RequestFields request, UsageReading reading) {
        return openAi.withRequest(operation, request, reading);
    }

    @Override
    public byte[] error(int status, String code, String message) {
        return openAi.error(status, code, message);
    }
}
