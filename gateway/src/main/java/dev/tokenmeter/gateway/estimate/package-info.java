/**
 * What a call probably used, where its provider never said: text is kept while it passes, within bounds, and counted by a
 * real tokenizer, off the event loop, only when a call has ended without usage. A figure from here is marked
 * {@code estimated} and never takes the place of one that the provider gave. No text leaves this package.
 */
package dev.tokenmeter.gateway.estimate;
