package dev.tokenmeter.pricefeed.update;

/** Which changes that are held back somebody has dismissed. Thread-safe. */
public interface Dismissals {
    /** Whether all that was dismissed before is known. */
    boolean areRead();

    /** Whether this very change was dismissed; another one of the same price was not. */
    boolean covers(String priceId, String reason);

    /** Blocking; returns once {@link #covers} knows it, and throws where that is not certain. */
    void dismiss(String priceId, String reason, String by);
}
