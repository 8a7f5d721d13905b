/**
 * The HTTP path: a call comes in, is admitted, goes to its provider, and its answer streams back while a reader watches.
 * Everything here runs on the event loop of the call's connection and never blocks it. What an answer means belongs to
 * {@code dialect}, who pays to {@code attribution}, where events are kept to {@code outbox}.
 */
package dev.tokenmeter.gateway.proxy;
