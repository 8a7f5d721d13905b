/** Makes the shipped price list of the lists that others keep; a build tool, run by {@code pricing/snapshot}. */
package dev.tokenmeter.pricing.snapshot;
