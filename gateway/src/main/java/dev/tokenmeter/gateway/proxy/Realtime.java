package dev.tokenmeter.gateway.proxy;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Recognises calls that open a realtime session past the gateway: they are answered with a secret or a WebRTC description by
 * which the caller talks to the provider directly, so that nothing of what it uses could be seen. OpenAI's and Azure's
 * {@code /realtime/client_secrets}, {@code /realtime/calls}, {@code /realtime/sessions}; Gemini's {@code auth_tokens}.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/realtime-sessions">OpenAI, client secrets</a>
 * @see <a href="https://platform.openai.com/docs/api-reference/realtime-calls">OpenAI, calls</a>
 * @see <a href="https://ai.google.dev/gemini-api/docs/ephemeral-tokens">Gemini, ephemeral tokens</a>
 */
final class Realtime {
    static final String MESSAGE =
            "Realtime sessions run past the gateway and are not metered yet, so it does not forward what opens them.";

    /** Azure's older names begin alike ({@code realtimeapi}, {@code realtimertc}), and its paths know no case. */
    private static final Pattern SESSIONS =
            Pattern.compile("/(?:realtime[a-z]*|transcription_sessions|auth_tokens)(?:[/:].*)?$");

    private Realtime() {}

    /** @param path below the provider's prefix */
    static boolean isOpenedAt(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        return (lower.contains("/realtime") || lower.contains("_sessions") || lower.contains("/auth_tokens"))
                && SESSIONS.matcher(lower).find();
    }
}
