package dev.tokenmeter.pricing;

/** A price that cannot be. The message names the field, what was found and what is allowed. */
public final class InvalidPriceException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String problem;

    /**
     * @param field where, in the words of the price format
     * @param found what stands there
     * @param allowed what may stand there
     */
    public InvalidPriceException(String field, Object found, String allowed) {
        this(field, "found " + shortened(found) + "; allowed: " + allowed);
    }

    /** The same of what has no text to quote, such as nothing at all. */
    static InvalidPriceException of(String field, String found, String allowed) {
        return new InvalidPriceException(field, "found " + cut(found) + "; allowed: " + allowed);
    }

    private InvalidPriceException(String field, String problem) {
        super(field + ": " + problem);
        this.field = field;
        this.problem = problem;
    }

    /** Where the mistake is, in the words of the price format. */
    public String field() {
        return field;
    }

    /** The same problem, its place named from further out. */
    InvalidPriceException in(String place) {
        return new InvalidPriceException(place + (field.isEmpty() ? "" : "." + field), problem);
    }

    private static String shortened(Object found) {
        return cut(found instanceof String string ? "'" + string + "'" : String.valueOf(found));
    }

    private static String cut(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
