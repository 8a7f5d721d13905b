package dev.tokenmeter.aggregator;

import java.time.Duration;

/**
 * How long changed rollups may wait until they are told.
 *
 * @param patience under load; without it, a tenth of a second
 * @param most how many may wait, in each partition
 */
record UntoldRollups(Duration patience, int most) {}
