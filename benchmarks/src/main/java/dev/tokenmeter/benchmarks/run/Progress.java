package dev.tokenmeter.benchmarks.run;

/** Tells a person that something goes on. */
final class Progress {
    private static final long BEGUN = System.nanoTime();

    private Progress() {}

    static void say(String what) {
        System.err.printf("%4d s  %s%n", (System.nanoTime() - BEGUN) / 1_000_000_000, what);
    }
}
