package dev.tokenmeter.benchmarks.throughput;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws ranks of which the n-th is as frequent as 1/n. */
final class Zipf {
    private final double[] upTo;

    /** @param ranks how many there are */
    Zipf(int ranks) {
        upTo = new double[ranks];
        double sum = 0;
        for (int i = 0; i < ranks; i++) {
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
        }
    }

    /** A rank from 0. */
    int next(SplittableRandom random) {
        int found = Arrays.binarySearch(upTo, random.nextDouble() * upTo[upTo.length - 1]);
        return Math.min(found < 0 ? -found - 1 : found, upTo.length - 1);
    }
}
