package dev.tokenmeter.gateway.dialect;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose data calls touch, by provider's API. What is not known to touch nothing is taken to touch what is stored. For calls
 * that bill nothing or are not known; they are few.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference">OpenAI</a>
 * @see <a href="https://docs.anthropic.com/en/api/overview">Anthropic</a>
 * @see <a href="https://ai.google.dev/api">Gemini</a>
 * @see <a href="https://docs.cohere.com/reference/about">Cohere</a>
 */
final class AccessRules {
    private static final Pattern OPENAI_BATCH = Pattern.compile("/(?:batches|batch/jobs)/([^/]+)(?:/cancel)?");
    private static final Pattern OPENAI_RESPONSE = Pattern.compile("/responses/([^/]+)(?:/.*)?");
    private static final Pattern OPENAI_CONTENT = Pattern.compile("/files/([^/]+)/content");
    private static final Pattern OPENAI_OPEN =
            Pattern.compile("/(?:files|uploads(?:/.*)?|batches|batch/jobs|responses/input_tokens|(?:de)?tokenize)");
    /** What bills, or may, and works on something stored. */
    private static final Pattern OPENAI_OTHER = Pattern.compile(
            "/(?:threads|assistants|vector_stores|conversations|containers|evals|organization|chat/completions|videos"
                    + "|fine_tuning/(?:jobs|checkpoints))/[^/]+.*");

    private static final Pattern ANTHROPIC_BATCH = Pattern.compile(".*/messages/batches/([^/]+)(?:/.*)?");
    private static final Pattern ANTHROPIC_OTHER = Pattern.compile(".*/(?:organizations|skills)/.+");
    private static final Pattern GEMINI_BATCH = Pattern.compile("/[^/]+/batches/([^/:]+)(?::.*)?");
    private static final Pattern GEMINI_FILE = Pattern.compile("(?:/download)?/[^/]+/files/([^/:]+):download");
    private static final Pattern GEMINI_OPEN = Pattern.compile(
            "(?:/upload)?/[^/]+/files|.*:(?:count[A-Za-z]*Tokens|batchGenerateContent|asyncBatchEmbedContent)");
    private static final Pattern COHERE_OPEN = Pattern.compile("/v\\d/(?:tokenize|detokenize|check-api-key)");

    private AccessRules() {}

    /**
     * OpenAI's.
     *
     * @param resource the path without its version
     * @param other whether the call may bill, in a way that is not known
     */
    static Access openAi(String method, String resource, boolean other) {
        if (other) {
            return OPENAI_OTHER.matcher(resource).matches() ? Access.TO_STORED : Access.TO_NOTHING;
        } else if (asksForModels(method, resource)
                || method.equals("POST") && OPENAI_OPEN.matcher(resource).matches()) {
            return Access.TO_NOTHING;
        }
        Access file = named(OPENAI_CONTENT, resource, Access.Reach.FILES);
        if (file != null || resource.equals("/files") || resource.startsWith("/files/")) {
            return file == null ? Access.TO_FILES : file;
        }
        Access batch = named(OPENAI_BATCH, resource, Access.Reach.STORED);
        Access response = named(OPENAI_RESPONSE, resource, Access.Reach.STORED);
        return batch != null ? batch : response != null ? response : Access.TO_STORED;
    }

    /** Anthropic's. */
    static Access anthropic(String method, String path, boolean other) {
        if (other) {
            return ANTHROPIC_OTHER.matcher(path).matches() ? Access.TO_STORED : Access.TO_NOTHING;
        }
        boolean makes = path.endsWith("/count_tokens") || path.endsWith("/messages/batches") || path.endsWith("/files");
        if (asksForModels(method, path) || method.equals("POST") && makes) {
            return Access.TO_NOTHING;
        } else if (path.endsWith("/files") || path.contains("/files/")) {
            return Access.TO_FILES;
        }
        Access batch = named(ANTHROPIC_BATCH, path, Access.Reach.STORED);
        return batch == null ? Access.TO_STORED : batch;
    }

    /** Gemini's own. */
    static Access gemini(String method, String path, boolean other) {
        boolean makes = method.equals("POST") && GEMINI_OPEN.matcher(path).matches();
        if (other || makes || asksForModels(method, path)) {
            return Access.TO_NOTHING;
        }
        Access file = named(GEMINI_FILE, path, Access.Reach.FILES);
        if (file != null || path.contains("/files")) {
            return file == null ? Access.TO_FILES : file;
        }
        Access batch = named(GEMINI_BATCH, path, Access.Reach.STORED);
        return batch == null ? Access.TO_STORED : batch;
    }

    /** Cohere's own. */
    static Access cohere(String method, String path, boolean other) {
        boolean open = other
                || asksForModels(method, path)
                || COHERE_OPEN.matcher(path).matches();
        return open ? Access.TO_NOTHING : Access.TO_STORED;
    }

    private static boolean asksForModels(String method, String path) {
        boolean asks = method.equals("GET") || method.equals("HEAD");
        return asks && (path.endsWith("/models") || path.contains("/models/"));
    }

    private static Access named(Pattern pattern, String path, Access.Reach reach) {
        Matcher matcher = pattern.matcher(path);
        return matcher.matches() ? new Access(reach, matcher.group(1)) : null;
    }
}
