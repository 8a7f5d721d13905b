/**
 * A schema registry for a single machine that speaks Confluent's REST API, so that every client of a Confluent registry,
 * in any language, reads and writes our topics without knowing the difference. Schemas live in the topic
 * {@code _schemas}, in the records that Confluent's own registry writes there.
 */
package dev.tokenmeter.standalone.registry;
