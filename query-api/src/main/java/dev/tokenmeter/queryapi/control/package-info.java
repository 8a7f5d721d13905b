/**
 * The control plane: budgets and keys, written to their compacted topics and read from a view of these topics in memory,
 * so that the topic alone is the truth.
 */
package dev.tokenmeter.queryapi.control;
