/** How long after its answer a call is in the API's figures. */
package dev.tokenmeter.benchmarks.freshness;
