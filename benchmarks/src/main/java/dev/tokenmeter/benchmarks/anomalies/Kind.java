package dev.tokenmeter.benchmarks.anomalies;

/** What goes wrong. */
enum Kind {
    /** A feature is called four to eight times as often, for some hours. */
    SPIKE("spike"),
    /** A program calls with a key without a pause, for an hour or some. */
    LOOP("loop"),
    /** A model costs three to five times as much, for three days. */
    PRICE_JUMP("price jump"),
    /** Somebody else uses a key as well, steadily and with long prompts, for a day. */
    LEAK("leak"),
    /** A feature calls no more, for half a day to two days. */
    SILENCE("silence");

    private final String text;

    Kind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
