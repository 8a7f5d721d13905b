package dev.tokenmeter.gateway.attribution;

/** Tags that cannot be used; the message says which header, what was found and what is allowed. */
public final class TagException extends Exception {
    private static final long serialVersionUID = 1L;

    TagException(String message) {
        super(message);
    }
}
