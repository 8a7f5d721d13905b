/** How long it takes to price a month of calls anew, from the question to sums that are right again. */
package dev.tokenmeter.benchmarks.reprice;
