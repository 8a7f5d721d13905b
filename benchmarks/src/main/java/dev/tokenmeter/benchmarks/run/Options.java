package dev.tokenmeter.benchmarks.run;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the command line asks for.
 *
 * @param quick shorter, and less certain
 * @param only the part to run: full, half, streams; null for all
 * @param without contenders to leave out
 * @param profiler the profiler's agent library, to say what the gateway's time goes to; null for none
 * @param settings further settings of the gateway, {@code key=value}
 * @param node where the peers' packages are
 * @param liteLlm its command; null when it is not to be had
 * @param logs folder of logs and data
 * @param requests of the memory benchmark
 * @param bodies what they are
 */
record Options(
        boolean quick,
        String only,
        Set<String> without,
        Path profiler,
        List<String> settings,
        Path node,
        Path liteLlm,
        Path logs,
        long requests,
        Bodies bodies) {
    /** What goes through the gateway in the memory benchmark. */
    enum Bodies {
        /** Chat requests and answers of a kilobyte. */
        JSON,
        /** Uploads of audio. */
        MULTIPART,
        /** Outputs of batches, each result of which is a call that is metered. */
        BATCH
    }

    private static final String USAGE =
            "--quick, --only=full|half|streams, --without=portkey,litellm,bare, --set=KEY=VALUE (of the gateway), --profile, --requests=N, --bodies=json|multipart|batch";

    static Options of(String... args) {
        boolean quick = false;
        String only = null;
        Set<String> without = Set.of();
        boolean profile = false;
        List<String> settings = new java.util.ArrayList<>();
        long requests = 0;
        Bodies bodies = Bodies.JSON;
        for (String arg : args) {
            if (arg.equals("--quick")) {
                quick = true;
            } else if (arg.equals("--profile")) {
                profile = true;
            } else if (arg.matches("--only=(full|half|streams)")) {
                only = value(arg);
            } else if (arg.startsWith("--without=")) {
                without = Set.copyOf(Arrays.asList(value(arg).split(",")));
            } else if (arg.startsWith("--set=")) {
                settings.add(value(arg));
            } else if (arg.startsWith("--requests=")) {
                requests = Math.max(10, Math.min(10_000_000, Long.parseLong(value(arg))));
            } else if (arg.matches("--bodies=(json|multipart|batch)")) {
                bodies = Bodies.valueOf(value(arg).toUpperCase(Locale.ROOT));
            } else {
                throw new IllegalArgumentException("unknown: " + arg + "; known: " + USAGE);
            }
        }
        return new Options(
                quick,
                only,
                without,
                profile ? path("benchmarks.profiler") : null,
                settings,
                path("benchmarks.node"),
                path("benchmarks.litellm"),
                path("benchmarks.logs"),
                requests,
                bodies);
    }

    /** Whether a part is asked for. */
    boolean runs(String part) {
        return only == null || only.equals(part);
    }

    private static String value(String arg) {
        return arg.substring(arg.indexOf('=') + 1);
    }

    private static Path path(String property) {
        String value = System.getProperty(property);
        return value == null || value.isEmpty() ? null : Path.of(value);
    }
}
