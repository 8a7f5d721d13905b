package dev.tokenmeter.gateway.estimate;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.regex.Pattern;

/**
 * Counts tokens as OpenAI's models do; those of others come near (see {@code docs/architecture.md}). A vocabulary is loaded
 * when it is first needed, which takes about half a second and, for the larger one, 30 MB. Thread-safe.
 *
 * @see <a href="https://github.com/knuddelsgmbh/jtokkit">jtokkit</a>
 * @see <a href="https://github.com/openai/tiktoken/blob/main/tiktoken/model.py">which model has which vocabulary</a>
 */
final class TokenCounter {
    private static final Pattern OLDER = Pattern.compile("(.*/)?(gpt-4(-.*)?|gpt-3\\.?5.*|text-embedding-.*)");
    /** Longer texts are counted slice by slice: the time that a count takes grows faster than a text without spaces. */
    private static final int SLICE = 8192;

    private final EncodingRegistry encodings = Encodings.newLazyEncodingRegistry();

    /** @param model may be null */
    long count(String model, CharSequence text) {
        Encoding encoding = encodings.getEncoding(
                model != null && OLDER.matcher(model).matches() ? EncodingType.CL100K_BASE : EncodingType.O200K_BASE);
        long tokens = 0;
        int from = 0;
        while (from < text.length()) {
            int to = Math.min(text.length(), from + SLICE);
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            tokens += encoding.countTokensOrdinary(text.subSequence(from, to).toString());
            from = to;
        }
        return tokens;
    }
}
