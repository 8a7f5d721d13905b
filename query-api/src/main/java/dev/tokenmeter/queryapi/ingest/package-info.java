/**
 * Ways in for calls that the gateway did not see: events as JSON or CloudEvents, and OpenTelemetry's spans of them. Readers
 * turn each into a {@link dev.tokenmeter.schemas.UsageEvent}, which is priced and written to the log as the gateway's are.
 */
package dev.tokenmeter.queryapi.ingest;
