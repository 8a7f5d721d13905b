package dev.tokenmeter.benchmarks.anomalies;

import dev.tokenmeter.aggregator.anomaly.Amount;
import dev.tokenmeter.aggregator.anomaly.Delta;
import dev.tokenmeter.aggregator.anomaly.Slots;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Eight weeks of one tenant's calls, by five minutes: sources with a day and a week of their own that grow, days and hours
 * that are a little better or worse than usual, calls by chance; and, after four weeks, what goes wrong. The same seed makes
 * the same traffic.
 */
final class Traffic {
    static final Instant START = Instant.parse("2026-06-01T00:00:00Z");
    static final Duration LENGTH = Duration.ofDays(56);
    static final Duration WARM_UP = Duration.ofDays(28);

    private static final int MICRO = 6;
    private static final List<String> MODELS = List.of("gpt-4o", "gpt-4o-mini", "claude-sonnet-4", "o3");
    private static final double[] USD_A_TOKEN = {4e-6, 3e-7, 6e-6, 4e-6};
    private static final double SLOTS_AN_HOUR = 12;

    private final String tenant;
    private final Random random;
    private final List<Source> sources = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
    private double dayMood = 1;
    private double[] hourMoods;

    Traffic(int number, long seed) {
        this.tenant = "tenant-" + number;
        this.random = new Random(seed * 1_000_003 + number);
        int count = 4 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            sources.add(source(i));
        }
        // Every fifth tenant has nothing to tell.
        if (number % 5 != 0) {
            Kind[] kinds = Kind.values();
            incident(kinds[number % kinds.length], 0);
            incident(kinds[(number / kinds.length + number) % kinds.length], 1);
            incident(kinds[(number / kinds.length + number + 2) % kinds.length], 2);
        }
    }

    private Source source(int i) {
        int model = random.nextInt(MODELS.size());
        Source.Shape[] shapes = Source.Shape.values();
        return new Source(
                MODELS.get(model),
                "key-" + i,
                "feature-" + i % 5,
                "team-" + i % 3,
                Math.exp(3.5 + 2.5 * random.nextDouble()),
                400 + random.nextInt(4_000),
                USD_A_TOKEN[model],
                shapes[random.nextInt(shapes.length)],
                -0.01 + 0.06 * random.nextDouble());
    }

    /** In the week of that number after the warm-up, from Monday on, on a working day. */
    private void incident(Kind kind, int week) {
        List<Source> worth = sources.stream().filter(Traffic::isWorthAnAlarm).toList();
        if (worth.isEmpty()) {
            return;
        }
        Source of = worth.get(random.nextInt(worth.size()));
        ZonedDateTime day = START.plus(WARM_UP).atZone(ZoneOffset.UTC).plusDays(7L * week + random.nextInt(4));
        Instant start = day.plusHours(9 + random.nextInt(5))
                .plusMinutes(5L * random.nextInt(12))
                .toInstant();
        double some = random.nextDouble();
        Duration length = switch (kind) {
            case SPIKE -> Duration.ofMinutes((long) (180 + 420 * some));
            case LOOP -> Duration.ofMinutes((long) (60 + 180 * some));
            case PRICE_JUMP -> Duration.ofDays(3);
            case LEAK -> Duration.ofDays(1);
            case SILENCE -> Duration.ofHours((long) (12 + 36 * some));
        };
        double strength = switch (kind) {
            case SPIKE -> 4 + 4 * random.nextDouble();
            case LOOP -> 5 + 10 * random.nextDouble();
            case PRICE_JUMP -> 3 + 2 * random.nextDouble();
            case LEAK -> 3 + 5 * random.nextDouble();
            case SILENCE -> 0;
        };
        incidents.add(new Incident(kind, of, start, start.plus(length), strength));
    }

    /** What calls by day, and spends a dollar in three busy hours: what is less is below the rules' minima by design. */
    private static boolean isWorthAnAlarm(Source source) {
        return source.shape() != Source.Shape.BATCH
                && source.callsAnHour() * source.tokensACall() * source.usdAToken() >= 0.33;
    }

    String tenant() {
        return tenant;
    }

    List<Incident> incidents() {
        return incidents;
    }

    /** What is called in the five minutes from then on. To be asked of all of them, in order. */
    List<Delta> slot(Instant at) {
        ZonedDateTime time = at.atZone(ZoneOffset.UTC);
        if (time.getHour() == 0 && time.getMinute() == 0 || hourMoods == null) {
            dayMood = Math.exp(0.12 * random.nextGaussian());
        }
        if (time.getMinute() == 0 || hourMoods == null) {
            hourMoods = sources.stream().mapToDouble(source -> hourMood()).toArray();
        }
        double weeks = Duration.between(START, at).toHours() / (24.0 * 7);
        List<Delta> deltas = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get(i);
            double hour = time.getHour() + time.getMinute() / 60.0;
            double calls = source.callsAnHour()
                    / SLOTS_AN_HOUR
                    * source.share(time.getDayOfWeek().getValue(), hour)
                    * Math.pow(1 + source.growth(), weeks)
                    * dayMood
                    * hourMoods[i];
            add(deltas, source, at, calls);
        }
        return deltas;
    }

    /** Some hours are twice as busy without a reason. */
    private double hourMood() {
        return Math.exp(0.2 * random.nextGaussian()) * (random.nextInt(200) == 0 ? 2 : 1);
    }

    private void add(List<Delta> deltas, Source source, Instant at, double usual) {
        double calls = usual;
        double longer = 1;
        double dearer = 1;
        for (Incident incident : incidents) {
            if (incident.isOn(at) && incident.hits(source)) {
                double busiest = source.callsAnHour() / SLOTS_AN_HOUR;
                switch (incident.kind()) {
                    case SPIKE -> calls *= incident.strength();
                    case SILENCE -> calls = 0;
                    case LOOP -> calls += busiest * incident.strength();
                    case LEAK -> {
                        calls += busiest;
                        longer = incident.strength();
                    }
                    case PRICE_JUMP -> dearer = incident.strength();
                }
            }
        }
        long requests = poisson(calls);
        if (requests > 0) {
            double each = Math.exp(0.5 * random.nextGaussian() / Math.sqrt(requests));
            long tokens = Math.round(requests * source.tokensACall() * each * longer);
            BigDecimal usd = BigDecimal.valueOf(tokens * source.usdAToken() * dearer)
                    .setScale(MICRO, RoundingMode.HALF_UP)
                    .setScale(2 * MICRO);
            deltas.add(new Delta(tenant, Slots.of(at), source.values(), new Amount(usd, tokens, requests)));
        }
    }

    private long poisson(double mean) {
        if (mean > 30) {
            return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        double limit = Math.exp(-mean);
        long count = 0;
        for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
            count++;
        }
        return count;
    }
}
