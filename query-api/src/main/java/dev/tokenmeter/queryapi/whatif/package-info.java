/**
 * What past traffic would have cost under other models or prices. {@code WhatIfParameters} read the question into a
 * {@code Scenario}; {@code Revaluation} asks ClickHouse for sums of what was used, as coarsely as prices allow, and
 * {@code RowPricer} prices each; {@code Tally} adds them up.
 */
package dev.tokenmeter.queryapi.whatif;
