/** What the gateway costs: load, a fixed upstream, and other proxies to compare with. Nothing here is shipped. */
package dev.tokenmeter.benchmarks;
