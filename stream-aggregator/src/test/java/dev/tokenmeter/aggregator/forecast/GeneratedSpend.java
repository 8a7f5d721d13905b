package dev.tokenmeter.aggregator.forecast;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Random;

/**
 * Spend by the hour as organisations have it: office hours and weekends more or less marked, growth, good and bad days, a
 * level that wanders, calls that are few or many.
 */
final class GeneratedSpend {
    private final ZoneId zone;
    private final Instant start;
    private final double[] hours;

    /** @param first the zone's day on which it begins */
    GeneratedSpend(Random random, ZoneId zone, LocalDate first, int days) {
        this.zone = zone;
        this.start = first.atStartOfDay(zone).toInstant();
        hours = new double[days * 24];
        double perDay = Math.exp(random.nextDouble() * 7);
        double office = random.nextDouble();
        double weekend = 0.1 + 0.9 * random.nextDouble();
        double growth = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.025 - 0.005;
        double dayNoise = 0.03 + 0.25 * random.nextDouble();
        double wander = random.nextBoolean() ? 0 : 0.04 * random.nextDouble();
        double callsPerHour = 3 + 200 * random.nextDouble();
        double level = 0;
        double day = 0;
        for (int i = 0; i < hours.length; i++) {
            var local = start.plusSeconds(i * 3600L).atZone(zone);
            if (i == 0 || local.getHour() == 0) {
                level += growth + wander * random.nextGaussian();
                day = level + dayNoise * random.nextGaussian();
            }
            double atHour = 1 - office + office * (local.getHour() >= 8 && local.getHour() < 18 ? 2.2 : 0.15);
            double usual = perDay / 24 * atHour * (local.getDayOfWeek().getValue() > 5 ? weekend : 1);
            double share = Math.max(0, 1 + random.nextGaussian() / Math.sqrt(callsPerHour * atHour));
            hours[i] = usual * Math.exp(day) * share;
        }
    }

    /** What a service would remember at a moment. */
    SpendHistory historyAt(Instant now) {
        SpendHistory history = new SpendHistory(zone, now);
        for (int i = 0; i < hours.length && start.plusSeconds(i * 3600L).isBefore(now); i++) {
            history.add(start.plusSeconds(i * 3600L), hours[i]);
        }
        return history;
    }

    /** What is spent between two full hours. */
    double between(Instant from, Instant until) {
        double sum = 0;
        for (int i = 0; i < hours.length; i++) {
            Instant at = start.plusSeconds(i * 3600L);
            if (!at.isBefore(from) && at.isBefore(until)) {
                sum += hours[i];
            }
        }
        return sum;
    }
}
