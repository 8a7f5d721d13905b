/**
 * The query API as a service: settings, start, stop, and which path leads where. What the paths answer is in
 * {@link dev.tokenmeter.queryapi.usage} (figures) and {@link dev.tokenmeter.queryapi.control} (budgets and keys); who
 * may ask is in {@link dev.tokenmeter.queryapi.access}; how it is asked is in {@link dev.tokenmeter.queryapi.http}.
 */
package dev.tokenmeter.queryapi;
