/** Writes what requests bring into topics, and answers when it is safe. */
package dev.tokenmeter.queryapi.topic;
