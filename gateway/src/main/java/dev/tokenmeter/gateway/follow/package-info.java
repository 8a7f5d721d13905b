/**
 * What the control plane and the aggregator say, as the gateway knows it: copies of compacted topics in memory, each kept by
 * one follower.
 */
package dev.tokenmeter.gateway.follow;
