/**
 * Re-pricing of past events: works out what they cost by the prices known now, and writes the differences to the usage topic
 * as corrections. Nothing is changed in ClickHouse from here; the log is the truth.
 */
package dev.tokenmeter.queryapi.reprice;
