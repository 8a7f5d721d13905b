/**
 * A load generator over HTTP/1.1 for this machine only: one thread that reads, one that paces. It does little per request,
 * so that on a machine that it shares with what it measures, most of the CPU is theirs.
 */
package dev.tokenmeter.benchmarks.load;
