package dev.tokenmeter.benchmarks.target;

/** What a process of the benchmark tells whoever started it, in one line of its output. */
final class Ready {
    private Ready() {}

    static void say(Object... what) {
        StringBuilder line = new StringBuilder("READY");
        for (Object part : what) {
            line.append(' ').append(part);
        }
        System.out.println(line);
    }

    static void fail(Throwable failure) {
        failure.printStackTrace();
        System.exit(1);
    }
}
