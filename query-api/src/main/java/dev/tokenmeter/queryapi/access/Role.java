package dev.tokenmeter.queryapi.access;

/** What a token may do. */
public enum Role {
    /** Read. */
    VIEWER,
    /** Read, and change budgets and keys. */
    ADMIN
}
