package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.storage.query.EventFilter;

/**
 * What is to be re-priced.
 *
 * @param events which
 * @param dryRun whether only to tell what would change
 * @param by who asked for it
 * @param reason why, for the history
 */
record Repricing(EventFilter events, boolean dryRun, String by, String reason) {}
