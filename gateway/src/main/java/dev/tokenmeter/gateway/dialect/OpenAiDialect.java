package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenAI's REST API, which most other providers speak as well. Some of them speak Anthropic's beside
 * (<a href="https://api-docs.deepseek.com/guides/anthropic_api">DeepSeek</a>,
 * <a href="https://openrouter.ai/docs/api-reference/anthropic-messages">OpenRouter</a>).
 *
 * @see <a href="https://platform.openai.com/docs/api-reference">API reference</a>
 */
final class OpenAiDialect implements Dialect {
    private static final List<String> FREE =
            List.of("/files", "/uploads", "/batches", "/batch/jobs", "/responses/input_tokens");
    /**
     * What else is known to bill nothing by the call: conversations, assistants, threads but not their runs, vector stores
     * (billed by size and day), evals but not their runs, changes of what is stored, administration; vLLM's tokenizer. Any
     * other path may bill: a fine-tuning job, a video, a container
     * (<a href="https://platform.openai.com/docs/pricing">pricing</a>).
     */
    private static final Pattern FREE_OF_OTHERS = Pattern.compile("(/v1)?("
            + "/conversations(/.*)?"
            + "|/assistants(/[^/]+)?"
            + "|/threads(/(?!runs$)[^/]+(/messages(/[^/]+)?|/runs/[^/]+)?)?"
            + "|/vector_stores(/[^/]+(/(files|file_batches)(/.*)?)?)?"
            + "|/containers/[^/]+/files"
            + "|/evals(/[^/]+)?"
            + "|/chat/completions/[^/]+"
            + "|/fine_tuning/(jobs/[^/]+/(pause|resume)|checkpoints/.*)"
            + "|/organization/.*"
            + "|/(de)?tokenize)");

    private static final Pattern FILE_CONTENT = Pattern.compile("/files/([^/]+)/content");
    private static final Pattern RESPONSE = Pattern.compile("/responses/([^/]+)(/cancel)?");
    /** Mistral calls them jobs. */
    private static final Pattern BATCHES = Pattern.compile("/(batches|batch/jobs)(/.*)?");

    private static final String GEMINI = "/v1beta/openai/";
    private static final Pattern VERSION = Pattern.compile("^/v1(beta/openai)?(?=/)");

    private final boolean gemini;

    OpenAiDialect() {
        this(false);
    }

    private OpenAiDialect(boolean gemini) {
        this.gemini = gemini;
    }

    /** As Gemini's compatible surface speaks it: see {@link OpenAiAnswer}. */
    static OpenAiDialect ofGemini() {
        return new OpenAiDialect(true);
    }

    @Override
    public String name() {
        return "openai";
    }

    /** Some who speak like OpenAI take Anthropic's messages as well, with the same key. */
    @Override
    public Dialect at(String path) {
        return AnthropicDialect.isSpokenAt(path) ? AnthropicDialect.withBearer() : this;
    }

    @Override
    public Optional<Operation> operation(String method, String path) {
        if (!method.equals("POST") || isFree(path)) {
            return Optional.empty();
        }
        Operation billed = billed(path);
        boolean free = billed == Operation.OTHER && FREE_OF_OTHERS.matcher(path).matches();
        return free ? Optional.empty() : Optional.of(billed);
    }

    private static boolean isFree(String path) {
        int start = path.startsWith("/v1/") ? "/v1".length() : path.startsWith(GEMINI) ? GEMINI.length() - 1 : 0;
        if (path.endsWith("/cancel")) {
            return true;
        }
        for (String free : FREE) {
            int end = start + free.length();
            if (path.startsWith(free, start) && (path.length() == end || path.charAt(end) == '/')) {
                return true;
            }
        }
        return false;
    }

    private static Operation billed(String path) {
        if (path.endsWith("/chat/completions")) {
            return Operation.CHAT;
        } else if (path.endsWith("/completions")) {
            return Operation.COMPLETIONS;
        } else if (path.endsWith("/responses")) {
            return Operation.RESPONSES;
        } else if (path.endsWith("/embeddings")) {
            return Operation.EMBEDDINGS;
        } else if (path.endsWith("/moderations")) {
            return Operation.MODERATION;
        } else if (path.endsWith("/rerank")) {
            return Operation.RERANK;
        } else if (path.contains("/images/")) {
            return Operation.IMAGES;
        }
        return path.contains("/audio/") ? audio(path) : Operation.OTHER;
    }

    private static Operation audio(String path) {
        if (path.endsWith("/transcriptions") || path.endsWith("/translations")) {
            return Operation.TRANSCRIPTION;
        }
        return path.endsWith("/speech") ? Operation.SPEECH : Operation.AUDIO;
    }

    @Override
    public Access access(String method, String path, boolean other) {
        return AccessRules.openAi(method, VERSION.matcher(path).replaceFirst(""), other);
    }

    @Override
    public Optional<BatchStep> batchStep(String method, String path) {
        String resource = VERSION.matcher(path).replaceFirst("");
        Matcher file = FILE_CONTENT.matcher(resource);
        if (method.equals("GET") && file.matches()) {
            return Optional.of(new BatchStep(BatchStep.Kind.FILE, file.group(1)));
        }
        Matcher response = RESPONSE.matcher(resource);
        if (response.matches() && method.equals(response.group(2) == null ? "GET" : "POST")) {
            return Optional.of(new BatchStep(BatchStep.Kind.RESPONSE, response.group(1)));
        } else if (!BATCHES.matcher(resource).matches()) {
            return Optional.empty();
        }
        boolean submits = method.equals("POST") && (resource.equals("/batches") || resource.equals("/batch/jobs"));
        return Optional.of(new BatchStep(submits ? BatchStep.Kind.SUBMIT : BatchStep.Kind.STATUS, null));
    }

    @Override
    public BatchLines batchLines() {
        return new OpenAiBatchLines(gemini);
    }

    @Override
    public boolean usageMustBeAsked(Operation operation, String query) {
        return operation == Operation.CHAT || operation == Operation.COMPLETIONS;
    }

    @Override
    public Header credential(String apiKey) {
        return new Header("authorization", "Bearer " + apiKey);
    }

    @Override
    public String requestIdHeader() {
        return "x-request-id";
    }

    @Override
    public AnswerShape answer(Operation operation) {
        return new OpenAiAnswer(operation, gemini);
    }

    private static String type(int status) {
        if (status >= 500) {
            return "server_error";
        }
        return status == 429 ? "rate_limit_error" : "invalid_request_error";
    }

    @Override
    public UsageReading withRequest(Operation operation, RequestFields request, UsageReading reading) {
        return OpenAiUnits.withRequest(operation, request, reading);
    }

    @Override
    public byte[] error(int status, String code, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", type(status))
                .putNull("param")
                .put("code", code);
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }
}
