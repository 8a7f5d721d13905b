package dev.tokenmeter.aggregator.forecast;

/**
 * How days stand above or below the usual of their weekday, and where that is heading: a level that wanders, by exponential
 * smoothing, beside a steady growth as far as it can be told from chance. All of logarithms.
 *
 * @param level of the last day
 * @param growth a day
 * @param growthVariance of the growth's estimate
 * @param levelVariance of the level's estimate
 * @param wander variance by which the level changes in a day
 * @param noise variance of a day about its level
 * @see <a href="https://otexts.com/fpp3/ses.html">exponential smoothing</a>, whose optimal weight tells both variances
 */
record LevelFit(double level, double growth, double growthVariance, double levelVariance, double wander, double noise) {
    private static final double[] WEIGHTS = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7};
    /** Two percent a day: what was always the same may change all the same. */
    private static final double LEAST_VARIANCE = 0.02 * 0.02;

    private static final int GROWTH_DAYS = 28;
    private static final int FIRST_DAYS = 7;
    /** No more than a doubling in three weeks is carried on. */
    private static final double MOST_GROWTH = 0.033;

    /**
     * Fits it.
     *
     * @param days logarithms, one a day, at least 14
     * @param inflation by how much the usual, taken from the same days, makes them look calmer than they are
     */
    static LevelFit of(double[] days, double inflation) {
        double[] line = line(days);
        double certainty = line[0] * line[0] / (line[0] * line[0] + 4 * line[1]);
        double growth = Math.max(-MOST_GROWTH, Math.min(MOST_GROWTH, line[0] * certainty));
        double doubt = line[1] + growth * growth * (1 - certainty);
        LevelFit best = null;
        double leastError = Double.MAX_VALUE;
        for (double weight : WEIGHTS) {
            double level = 0;
            for (int d = 0; d < FIRST_DAYS; d++) {
                level += (days[d] + growth * (FIRST_DAYS / 2 - d)) / FIRST_DAYS;
            }
            level += growth * (FIRST_DAYS / 2);
            double squares = 0;
            for (int d = FIRST_DAYS; d < days.length; d++) {
                double error = days[d] - (level + growth);
                squares += error * error;
                level += growth + weight * error;
            }
            double error = Math.max(LEAST_VARIANCE, squares / (days.length - FIRST_DAYS) * inflation);
            if (error < leastError) {
                leastError = error;
                double noise = error * (1 - weight);
                best = new LevelFit(level, growth, doubt, weight * noise, weight * weight * error, noise);
            }
        }
        return best;
    }

    /** Slope of the last days and its variance. */
    private static double[] line(double[] days) {
        int n = Math.min(days.length, GROWTH_DAYS);
        int from = days.length - n;
        double middle = (n - 1) / 2.0;
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += days[from + i] / n;
        }
        double xy = 0;
        double xx = 0;
        for (int i = 0; i < n; i++) {
            xy += (i - middle) * (days[from + i] - mean);
            xx += (i - middle) * (i - middle);
        }
        double slope = xy / xx;
        double squares = 1e-12;
        for (int i = 0; i < n; i++) {
            double rest = days[from + i] - mean - slope * (i - middle);
            squares += rest * rest;
        }
        return new double[] {slope, squares / (n - 2) / xx};
    }
}
