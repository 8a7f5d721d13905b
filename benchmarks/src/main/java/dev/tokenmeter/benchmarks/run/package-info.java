/** The benchmarks themselves: they start processes, load them in turn and print what was seen. */
package dev.tokenmeter.benchmarks.run;
