/**
 * Topics that more than one service reads or writes in the same way: copies of compacted topics in memory, each kept by one
 * {@link dev.tokenmeter.service.topics.CompactedFollower}. No business logic belongs here.
 */
package dev.tokenmeter.service.topics;
