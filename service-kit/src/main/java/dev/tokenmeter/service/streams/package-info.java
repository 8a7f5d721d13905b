/**
 * How Tokenmeter's Kafka Streams applications are run ({@link dev.tokenmeter.service.streams.StreamsApp}) and how they
 * treat records that they cannot use ({@link dev.tokenmeter.service.streams.Decoded},
 * {@link dev.tokenmeter.service.streams.DeadLetters}). No topology belongs here. A module that uses it declares
 * kafka-streams itself.
 */
package dev.tokenmeter.service.streams;
