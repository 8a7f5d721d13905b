package dev.tokenmeter.standalone.rebuild;

import java.util.List;

/**
 * What a rebuild did.
 *
 * @param events read; those of days that were done again are counted again
 * @param rollups summed and compared
 * @param replaced of them, those that were not told so, or were not there
 * @param emptied rollups without events, which are zero now
 * @param lateLetters refused late events that are counted now, and need not be sent again
 * @param differences where the ledger is not exact, one in a line
 * @param moving the same of windows that have not ended, while calls come in
 */
public record RebuildResult(
        long events,
        long rollups,
        long replaced,
        long emptied,
        long lateLetters,
        List<String> differences,
        List<String> moving) {}
