/**
 * Avro in the Confluent wire format (magic byte 0, four-byte schema id, Avro binary) against any registry that speaks
 * the Confluent REST API. Configuration keys are Confluent's own, so that {@code io.confluent}'s serializers can be
 * named in their place.
 */
package dev.tokenmeter.schemas.serde;
