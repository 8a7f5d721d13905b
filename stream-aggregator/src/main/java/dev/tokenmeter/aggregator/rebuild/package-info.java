/**
 * A rebuild of rollups while events are counted. The log is cut by a record in each partition of the usage topic; who rebuilds
 * sums what stands before the cut, and the aggregator, from its record on, what comes after it. A rollup is then replaced by
 * both together, whenever the replacement arrives: nothing is lost or counted twice, and nothing has to stand still.
 */
package dev.tokenmeter.aggregator.rebuild;
