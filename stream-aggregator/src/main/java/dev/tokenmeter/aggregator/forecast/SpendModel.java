package dev.tokenmeter.aggregator.forecast;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is usual at each hour of the week, and how spend stands to it: fitted to a {@link SpendHistory}, good for some hours.
 * Immutable.
 */
public final class SpendModel {
    /** Each weekday twice: one that was seen once tells nothing of how much it varies. */
    static final int LEAST_DAYS = 14;

    private static final int WEEK = 7;
    private static final int HOURS = 24;
    /** Of an average day: what is added to days, so that one without spend has a logarithm. */
    private static final double OFFSET = 0.02;

    private final ZoneId zone;
    private final LocalDate lastDay;
    private final double[][] usual;
    private final double offset;
    private final LevelFit level;
    private final double weeks;
    private final double grain;
    private final double quantile;

    private SpendModel(SpendHistory history, double[][] usual, LevelFit level, int days, double mean, double grain) {
        this.zone = history.zone();
        this.lastDay = history.today().minusDays(1);
        this.usual = usual;
        this.offset = OFFSET * mean;
        this.level = level;
        this.weeks = days / (double) WEEK;
        this.grain = grain;
        // Student's t for 90 %, near enough: with few days the variances are themselves uncertain.
        this.quantile = 1.2816 * (1 + 0.76 / (days - WEEK - 1));
    }

    /** The model of a past; empty where it is too short, fewer than {@value #LEAST_DAYS} whole days. */
    public static Optional<SpendModel> of(SpendHistory history) {
        int first = history.firstWholeDay();
        int days = SpendHistory.DAYS - first;
        if (days < LEAST_DAYS) {
            return Optional.empty();
        }
        double[][] usual = usual(history, first);
        double[] usualDay = new double[WEEK];
        for (int weekday = 0; weekday < WEEK; weekday++) {
            usualDay[weekday] = sum(usual[weekday]);
        }
        double mean = sum(usualDay) / WEEK;
        if (mean <= 0) {
            return Optional.empty();
        }
        double[] logs = new double[days];
        double rests = 0;
        double scale = 0;
        for (int i = 0; i < days; i++) {
            int weekday = weekday(history.date(first + i));
            logs[i] = Math.log((history.sum(first + i) + OFFSET * mean) / (usualDay[weekday] + OFFSET * mean));
            for (int hour = 0; hour < HOURS; hour++) {
                double expected = usual[weekday][hour] * Math.exp(logs[i]);
                double rest = history.amount(first + i, hour) - expected;
                rests += rest * rest;
                scale += expected;
            }
        }
        double inflation = 1 / (1 - WEEK / (double) days);
        double grain = scale == 0 ? 0 : rests / scale * inflation;
        return Optional.of(new SpendModel(history, usual, LevelFit.of(logs, inflation), days, mean, grain));
    }

    private static double[][] usual(SpendHistory history, int first) {
        double[][] usual = new double[WEEK][HOURS];
        int[] seen = new int[WEEK];
        for (int day = first; day < SpendHistory.DAYS; day++) {
            int weekday = weekday(history.date(day));
            seen[weekday]++;
            for (int hour = 0; hour < HOURS; hour++) {
                usual[weekday][hour] += history.amount(day, hour);
            }
        }
        for (int weekday = 0; weekday < WEEK; weekday++) {
            for (int hour = 0; hour < HOURS; hour++) {
                usual[weekday][hour] /= seen[weekday];
            }
        }
        return usual;
    }

    private static int weekday(LocalDate date) {
        return date.getDayOfWeek().ordinal();
    }

    private static double sum(double[] amounts) {
        double sum = 0;
        for (double amount : amounts) {
            sum += amount;
        }
        return sum;
    }

    /** The whole day after which the model goes on. */
    public LocalDate lastDay() {
        return lastDay;
    }

    /**
     * Looks ahead.
     *
     * @param spent in the period, up to now
     * @param spentToday since the zone's midnight; negative where that is not known
     * @param end of the period
     * @param limit at which the budget is exhausted
     */
    public Forecast forecast(Instant now, double spent, double spentToday, Instant end, double limit) {
        Today today = today(now, spentToday);
        Ahead ahead = new Ahead();
        double sum = spent;
        Instant exhaustedAt = spent >= limit ? now : null;
        for (Instant at = now; at.isBefore(end); ) {
            Instant next = earlier(end, hourAfter(at));
            LocalDate date = LocalDate.ofInstant(at, zone);
            double more = usualBetween(at, next) * Math.exp(today.levelOn(date) + level.noise() / 2);
            if (exhaustedAt == null && sum + more >= limit) {
                double share = (limit - sum) / more;
                exhaustedAt = at.plusMillis((long) (share * (next.toEpochMilli() - at.toEpochMilli())));
            }
            sum += more;
            ahead.add(date, more);
            at = next;
        }
        double rest = sum - spent;
        double spread = rest <= 0 ? 0 : Math.sqrt(Math.log1p(ahead.variance(today)));
        double middle = rest * Math.exp(-spread * spread / 2);
        return new Forecast(
                sum,
                spent + middle * Math.exp(-quantile * spread),
                spent + middle * Math.exp(quantile * spread),
                Optional.ofNullable(exhaustedAt));
    }

    private static Instant hourAfter(Instant at) {
        return Instant.ofEpochSecond((at.getEpochSecond() / 3600 + 1) * 3600);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private double usualBetween(Instant from, Instant until) {
        var local = from.atZone(zone);
        double hours = (until.toEpochMilli() - from.toEpochMilli()) / 3_600_000.0;
        return usual[weekday(local.toLocalDate())][local.getHour()] * hours;
    }

    private Today today(Instant now, double spentToday) {
        LocalDate date = LocalDate.ofInstant(now, zone);
        double usualSoFar = 0;
        Instant at = date.atStartOfDay(zone).toInstant();
        while (at.isBefore(now)) {
            Instant next = earlier(now, hourAfter(at));
            usualSoFar += usualBetween(at, next);
            at = next;
        }
        double usualDay = sum(usual[weekday(date)]);
        Today today = new Today(date);
        if (spentToday >= 0 && usualSoFar > 0 && usualDay > 0) {
            double share = usualSoFar / usualDay;
            double expected = usualSoFar * Math.exp(today.level);
            double seen = Math.log((spentToday + offset * share) / (expected + offset * share));
            today.learn(seen, grain / expected);
        }
        return today;
    }

    /** What the running day tells beyond the days before it. */
    private final class Today {
        private final LocalDate date;
        private final double dayNoise;
        private double level;
        private double ownDeviation;
        private double ownVariance;
        private double levelVariance;

        Today(LocalDate date) {
            this.date = date;
            long days = daysAfter(lastDay, date);
            level = SpendModel.this.level.level() + SpendModel.this.level.growth() * days;
            dayNoise = Math.max(0, SpendModel.this.level.noise() - grain * OFFSET / offset);
            levelVariance = SpendModel.this.level.levelVariance() + SpendModel.this.level.wander() * days;
            ownVariance = levelVariance + dayNoise;
        }

        /** @param noise variance of what was seen, for it is but a part of the day */
        void learn(double seen, double noise) {
            double all = ownVariance + noise;
            if (all > 0) {
                ownDeviation = ownVariance / all * seen;
                level += levelVariance / all * seen;
                ownDeviation -= levelVariance / all * seen;
                ownVariance *= 1 - ownVariance / all;
                levelVariance *= 1 - levelVariance / all;
            }
        }

        double levelOn(LocalDate day) {
            long ahead = daysAfter(date, day);
            return ahead <= 0 ? level + ownDeviation : level + SpendModel.this.level.growth() * ahead;
        }
    }

    private static long daysAfter(LocalDate day, LocalDate later) {
        return later.toEpochDay() - day.toEpochDay();
    }

    /** Amounts by the days ahead, for the variance of their sum in proportion to it. */
    private final class Ahead {
        private final List<Double> amounts = new ArrayList<>();
        private final double[] byWeekday = new double[WEEK];
        private LocalDate last;

        void add(LocalDate date, double amount) {
            if (!date.equals(last)) {
                last = date;
                amounts.add(0.0);
            }
            amounts.set(amounts.size() - 1, amounts.get(amounts.size() - 1) + amount);
            byWeekday[weekday(date)] += amount;
        }

        double variance(Today today) {
            double sum = amounts.stream().mapToDouble(Double::doubleValue).sum();
            double first = amounts.get(0) / sum;
            double variance = first * first * today.ownVariance + grain / sum;
            double later = 1 - first;
            variance += later * later * today.levelVariance + 2 * first * later * today.levelVariance;
            double growing = 0;
            double tail = later;
            for (int day = 1; day < amounts.size(); day++) {
                double share = amounts.get(day) / sum;
                variance += share * share * today.dayNoise + tail * tail * level.wander();
                tail -= share;
                growing += share * day;
            }
            variance += growing * growing * level.growthVariance();
            for (double weekday : byWeekday) {
                variance += weekday / sum * (weekday / sum) * level.noise() / weeks;
            }
            return variance;
        }
    }
}
