/**
 * {@code llm.dead-letter.v1}: how a refused record is written there ({@link dev.tokenmeter.service.deadletter.DeadLetter}),
 * read back ({@link dev.tokenmeter.service.deadletter.DeadLetterLog}) and sent again
 * ({@link dev.tokenmeter.service.deadletter.DeadLetterDesk}). One format for every service.
 */
package dev.tokenmeter.service.deadletter;
