package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.load.LoadGenerator;
import dev.tokenmeter.benchmarks.load.LoadPlan;
import dev.tokenmeter.benchmarks.load.LoadResult;

/**
 * Something that the load can be sent to.
 *
 * @param name in the table
 * @param child its process
 * @param jvm whether it runs on a JVM
 * @param port where it listens
 * @param json a request for a JSON answer
 * @param stream a request for a stream
 */
record Contender(String name, Child child, boolean jvm, int port, byte[] json, byte[] stream) {
    /** What a load took of the contender's own CPU. */
    record Measured(LoadResult result, double cpuSeconds) {
        double cpuMicrosPerCall() {
            return cpuSeconds * 1e6 / Math.max(1, result.completed());
        }
    }

    /**
     * How many calls bring it up to speed: compilers take their time over a JVM's code, as it is called, less so others. Of the
     * gateway's there is more, and two cores that are busy leave the compilers little time.
     */
    long warmUpCalls() {
        long most = name.equals("gateway") ? 1_200_000 : 600_000;
        return jvm ? most : 3_000;
    }

    /** Whether it carries streams at all. */
    boolean canStream() {
        LoadResult one = LoadGenerator.run(LoadPlan.count(port, stream, 1, 1));
        return one.completed() == 1;
    }

    Measured measure(LoadPlan plan) {
        double before = ProcessStats.cpuSeconds(child.pid());
        LoadResult result = LoadGenerator.run(plan);
        double cpu = ProcessStats.cpuSeconds(child.pid()) - before;
        if (result.failed() > result.completed() / 100) {
            throw new IllegalStateException(name + " answered " + result.failed() + " of "
                    + (result.failed() + result.completed()) + " calls with an error or not at all; see "
                    + child.log());
        }
        return new Measured(result, cpu);
    }
}
