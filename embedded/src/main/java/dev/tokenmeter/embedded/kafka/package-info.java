/**
 * A real Kafka broker inside this process, for a single machine: the embedded default where no cluster is configured.
 * Everything else in Tokenmeter meets it through plain Kafka clients only.
 */
package dev.tokenmeter.embedded.kafka;
