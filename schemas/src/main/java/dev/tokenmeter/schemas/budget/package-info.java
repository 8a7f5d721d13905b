/**
 * What a budget's definition means, for all who go by it: which calls count (its scope), in which stretch of time (its
 * period), and which definitions are none. Pure; no I/O.
 */
package dev.tokenmeter.schemas.budget;
