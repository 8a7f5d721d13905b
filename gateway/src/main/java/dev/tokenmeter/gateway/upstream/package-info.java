/**
 * What is behind a provider's name: its addresses, its keys, how to connect to it, and how well it has answered lately.
 * Holds settings and shared state, no call.
 */
package dev.tokenmeter.gateway.upstream;
