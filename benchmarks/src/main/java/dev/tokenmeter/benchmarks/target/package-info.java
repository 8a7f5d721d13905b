/** What the load is sent to and what stands behind it, each a process of its own that prints {@code READY} and its ports. */
package dev.tokenmeter.benchmarks.target;
