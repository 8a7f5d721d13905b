package dev.tokenmeter.gateway.dialect;

import java.util.List;
import java.util.Optional;

/** The wire shape of a family of providers. Stateless; safe for use by several event loops. */
public sealed interface Dialect permits OpenAiDialect, AnthropicDialect, GeminiDialect, AzureDialect, CohereDialect {
    /** A header and its value. */
    record Header(String name, String value) {}

    /** The name in settings. */
    String name();

    /** The dialect spoken at a path, where a provider speaks more than one; as in {@link #operation}. */
    default Dialect at(String path) {
        return this;
    }

    /**
     * The model that a request asks for.
     *
     * @param path as in {@link #operation}
     * @param inBody as its body names it; null when it does not
     * @return null when neither names one
     */
    default String requestedModel(String path, String inBody) {
        return inBody;
    }

    /** The query parameter that may carry the API key; null for none. */
    default String credentialParameter() {
        return null;
    }

    /** The answer's header with its service tier; null for none. */
    default String serviceTierHeader() {
        return null;
    }

    /**
     * What a call bills.
     *
     * @param method the HTTP method
     * @param path the path below the provider's prefix, with or without {@code /v1}
     * @return empty for calls that cost nothing; they are forwarded unmetered
     */
    Optional<Operation> operation(String method, String path);

    /**
     * Whose data a call touches that bills nothing, or is not known.
     *
     * @param path as in {@link #operation}
     * @param other whether it may bill, in a way that is not known
     */
    Access access(String method, String path, boolean other);

    /**
     * What a call does with a batch; empty when it has to do with none.
     *
     * @param path as in {@link #operation}
     */
    default Optional<BatchStep> batchStep(String method, String path) {
        return Optional.empty();
    }

    /** How batches' output is written; null where there are no batches. */
    default BatchLines batchLines() {
        return null;
    }

    /**
     * Whether streamed answers carry usage only when the request's {@code stream_options} ask for it, and may.
     *
     * @param query of the request, raw; null for none
     */
    boolean usageMustBeAsked(Operation operation, String query);

    /** The header that carries a provider's API key. */
    Header credential(String apiKey);

    /** The answer's header with the provider's own id of the request. */
    String requestIdHeader();

    /** A reader of one answer's usage; to be used by one event loop. */
    AnswerShape answer(Operation operation);

    /**
     * Completes what an answer of a served call says with what its request says, where the provider bills by that:
     * characters to speak, the size of images.
     */
    default UsageReading withRequest(Operation operation, RequestFields request, UsageReading reading) {
        return reading;
    }

    /**
     * An error as the provider would word it, so that its SDKs understand it: JSON, UTF-8.
     *
     * @param status the HTTP status it goes with
     * @param code a stable machine-readable word
     * @param message for people; no secret in it
     */
    byte[] error(int status, String code, String message);

    /** All names in settings. */
    List<String> NAMES = List.of("openai", "anthropic", "gemini", "azure", "cohere");

    /**
     * The dialect of a name in settings.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Dialect named(String name) {
        return switch (name) {
            case "openai" -> new OpenAiDialect();
            case "anthropic" -> new AnthropicDialect();
            case "gemini" -> new GeminiDialect();
            case "azure" -> new AzureDialect();
            case "cohere" -> new CohereDialect();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
