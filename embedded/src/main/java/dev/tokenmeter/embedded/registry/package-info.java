/**
 * A small schema registry that speaks the Confluent REST API for Avro and keeps its schemas in Confluent's own
 * {@code _schemas} topic format, for one process on a laptop and for tests. It is alone: nothing here elects a leader.
 * In production a real registry takes its place by its URL.
 */
package dev.tokenmeter.embedded.registry;
