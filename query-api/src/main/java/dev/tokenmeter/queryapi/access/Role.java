package dev.tokenmeter.queryapi.access;

/** What a token may do. */
public enum Role {
    /** Send calls in, and nothing else: for services, which need not read what others spend. */
    INGEST,
    /** Read. */
    VIEWER,
    /** Read, send calls in, and change budgets and silences. */
    EDITOR,
    /** Read, and change everything: keys, prices and what calls cost as well. */
    ADMIN
}
