/**
 * Reads price lists that others keep (LiteLLM's, genai-prices') and our own, and compares an old list with a new one.
 * Pure: bytes in, prices out, and a word on each thing that could not be taken. Lists come from outside, so every size is
 * bounded and nothing in them can make a reader fail as a whole but JSON that is none.
 */
package dev.tokenmeter.pricing.lists;
