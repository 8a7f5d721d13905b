package dev.tokenmeter.gateway.estimate;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Tells whether a string of a request is a file's content in base64, by where it stands:
 * {@code image_url} (alone or with {@code url} in it), {@code input_audio.data} and {@code file_data} of
 * <a href="https://platform.openai.com/docs/guides/images-vision">OpenAI</a>, {@code source.data} of
 * <a href="https://docs.anthropic.com/en/docs/build-with-claude/vision">Anthropic</a>, {@code inlineData.data} of
 * <a href="https://ai.google.dev/api/caching#Blob">Gemini</a>, {@code source.bytes} of
 * <a href="https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageSource.html">Bedrock</a>. Anywhere
 * else a model reads it as text. What stands inside a text cannot look like one of these, as its quotes are escaped.
 */
final class InlineFile {
    private static final Set<String> ALONE = Set.of("image_url", "file_data", "bytesBase64Encoded");
    private static final Set<String> NESTED = Set.of("url", "data", "bytes", "file_data");
    private static final Set<String> FILES =
            Set.of("image_url", "input_audio", "source", "inlineData", "inline_data", "file", "video_url", "audio_url");
    /** More than what stands before the content in any of these forms. */
    private static final int MAX_LOOK_BACK = 400;

    private final byte[] json;
    private final int earliest;
    private int at;

    private InlineFile(byte[] json, int start) {
        this.json = json;
        this.earliest = Math.max(0, start - MAX_LOOK_BACK);
        this.at = start - 1;
    }

    /** @param start of the base64, or a few letters into it */
    static boolean holds(byte[] json, int start) {
        return new InlineFile(json, start).isFile(start);
    }

    private boolean isFile(int start) {
        if (!back('"') || !isContent(at + 1, start)) {
            return false;
        }
        at--;
        String name = name();
        if (ALONE.contains(name)) {
            return true;
        }
        return NESTED.contains(name) && backToObject() && FILES.contains(name());
    }

    /** What of the string stands before is a data URL's head, or base64 as well. */
    private boolean isContent(int from, int to) {
        String head = new String(json, from, to - from, StandardCharsets.ISO_8859_1);
        return head.matches("(data:[^,\\\\]*,)?[A-Za-z0-9+/=_-]*");
    }

    /** Goes back to the nearest such byte. */
    private boolean back(char wanted) {
        while (at >= earliest && json[at] != wanted) {
            at--;
        }
        return at >= earliest;
    }

    /** Goes back to before the object that holds it; not past another one in it. */
    private boolean backToObject() {
        while (at >= earliest && json[at] != '{' && json[at] != '}') {
            at--;
        }
        at--;
        return at >= earliest && json[at + 1] == '{';
    }

    /** Reads the name of the value that begins right after; leaves off before it. Empty for none. */
    private String name() {
        blanks();
        if (at < earliest || json[at] != ':') {
            return "";
        }
        at--;
        blanks();
        if (at < earliest || json[at] != '"') {
            return "";
        }
        int end = at;
        at--;
        if (!back('"')) {
            return "";
        }
        String name = new String(json, at + 1, end - at - 1, StandardCharsets.ISO_8859_1);
        at--;
        return name;
    }

    private void blanks() {
        while (at >= earliest && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
            at--;
        }
    }
}
