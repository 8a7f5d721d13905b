/**
 * Hard and soft caps: whether a call may still be paid for. Knows budgets and what is spent of them from
 * {@code follow}ed topics, adds what this gateway alone knows (calls in flight, calls settled and not counted yet), and
 * forwards nothing itself.
 */
package dev.tokenmeter.gateway.cap;
