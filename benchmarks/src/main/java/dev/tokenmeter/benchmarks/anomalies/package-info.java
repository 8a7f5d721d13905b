/** How well the rules about anomalies tell what is out of the ordinary: labelled traffic, and what the rules say of it. */
package dev.tokenmeter.benchmarks.anomalies;
