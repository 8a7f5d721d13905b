/**
 * Price lists that are polled: fetched from a URL or file, compared with what was recorded, held back where they are not to
 * be believed, and otherwise recorded in {@code llm.prices.v1} with the time from which they hold.
 */
package dev.tokenmeter.pricefeed.update;
