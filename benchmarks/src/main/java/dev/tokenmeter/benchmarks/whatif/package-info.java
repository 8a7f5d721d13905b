/** How long a what-if takes over the rollups of a hundred million calls a month. */
package dev.tokenmeter.benchmarks.whatif;
