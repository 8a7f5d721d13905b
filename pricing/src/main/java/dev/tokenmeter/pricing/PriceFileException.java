package dev.tokenmeter.pricing;

/** A price file is malformed. The message names file, entry and field, what was found and what is allowed. */
public final class PriceFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PriceFileException(String message) {
        super(message);
    }
}
