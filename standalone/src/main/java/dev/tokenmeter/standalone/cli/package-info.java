/** Commands that ask a running query API; they work against any, not only the one of {@code ./tokenmeter run}. */
package dev.tokenmeter.standalone.cli;
