package dev.tokenmeter.benchmarks.anomalies;

import java.util.List;

/**
 * A part of a tenant's program.
 *
 * @param callsAnHour at its busiest
 * @param tokensACall on average
 * @param usdAToken price
 * @param shape when it calls
 * @param growth by so much in a week
 */
record Source(
        String model,
        String key,
        String feature,
        String team,
        double callsAnHour,
        double tokensACall,
        double usdAToken,
        Shape shape,
        double growth) {
    /** When calls are made. */
    enum Shape {
        /** On working days, by day. */
        OFFICE,
        /** More by day and on working days, some always. */
        PEOPLE,
        /** Steadily. */
        MACHINE,
        /** In two hours of the night, much; the most in that to Sunday. */
        BATCH
    }

    /** In the order of the detector's dimensions. */
    List<String> values() {
        return List.of(model, key, feature, team);
    }

    /** Of its busiest, from 0 to 1. */
    double share(int dayOfWeek, double hour) {
        boolean weekend = dayOfWeek >= 6;
        double day = Math.max(0, Math.sin(Math.PI * (hour - 7) / 12));
        return switch (shape) {
            case OFFICE -> weekend ? 0.01 : hour >= 7 && hour < 19 ? day : 0;
            case PEOPLE -> (0.15 + 0.85 * day) * (weekend ? 0.5 : 1);
            case MACHINE -> 0.9;
            case BATCH -> hour >= 2 && hour < 4 ? (dayOfWeek == 7 ? 1 : 0.4) : 0;
        };
    }
}
