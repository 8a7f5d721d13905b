/**
 * The gateway as a service: its settings, its start and its stop. The HTTP path is in {@code proxy}, what providers' bytes
 * mean in {@code dialect}, who pays in {@code attribution}, and where events wait in {@code outbox}.
 */
package dev.tokenmeter.gateway;
