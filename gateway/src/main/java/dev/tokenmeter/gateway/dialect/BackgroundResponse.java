package dev.tokenmeter.gateway.dialect;

import java.time.Instant;

/**
 * A response that runs in the background: who asked for it has an answer at once, and its usage is known once it has ended
 * and somebody retrieves it.
 *
 * @param id the provider's
 * @param createdAt when it was asked for, UTC; null when that is not said
 * @param ended whether it has; then its usage is final
 * @see <a href="https://platform.openai.com/docs/guides/background">background mode</a>
 */
public record BackgroundResponse(String id, Instant createdAt, boolean ended) {}
