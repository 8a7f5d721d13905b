package dev.tokenmeter.standalone.demo;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.service.KafkaSettings;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The calls of last month and of this one until the demo began, written to the usage topic as an import would be:
 * quieter at weekends and at night, slowly growing, with one day on which a tenant spent far too much. Each stands for
 * many calls of the live workload. The same on every machine, on the same day.
 */
final class DemoHistory {
    private static final int CALLS_A_DAY_PER_WEIGHT = 6;
    private static final int BULK = 20;
    private static final double WEEKEND = 0.8;
    private static final double DAILY_GROWTH = 0.004;
    private static final String RUNAWAY_TENANT = "globex";
    private static final int RUNAWAY_DAYS_AGO = 6;

    private final KafkaSettings kafka;
    private final Pricer pricer;
    private final Map<String, DemoApi.Key> keys;
    private final Random random = new Random(20_260_101);

    DemoHistory(KafkaSettings kafka, Pricer pricer, Map<String, DemoApi.Key> keys) {
        this.kafka = kafka;
        this.pricer = pricer;
        this.keys = keys;
    }

    /** Writes it, oldest day first; returns what each tenant has spent this month. */
    Map<String, BigDecimal> write(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Map<String, BigDecimal> monthToDate = new HashMap<>();
        try (KafkaProducer<String, UsageEvent> producer =
                new KafkaProducer<>(kafka.producer("tokenmeter-demo-history"))) {
            LocalDate first = today.withDayOfMonth(1).minusMonths(1);
            for (long daysAgo = ChronoUnit.DAYS.between(first, today); daysAgo >= 0; daysAgo--) {
                for (UsageEvent event : day(today.minusDays(daysAgo), daysAgo)) {
                    if (!event.getOccurredAt().isBefore(now)) {
                        break;
                    }
                    producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
                    if (isSameMonth(today, event) && event.getCostUsd() != null) {
                        monthToDate.merge(event.getTenant(), event.getCostUsd(), BigDecimal::add);
                    }
                }
            }
            producer.flush();
        }
        return monthToDate;
    }

    private static boolean isSameMonth(LocalDate today, UsageEvent event) {
        LocalDate day = LocalDate.ofInstant(event.getOccurredAt(), ZoneOffset.UTC);
        return day.getYear() == today.getYear() && day.getMonth() == today.getMonth();
    }

    private Iterable<UsageEvent> day(LocalDate day, long daysAgo) {
        boolean weekend = day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
        double level = (weekend ? WEEKEND : 1) * (1 - DAILY_GROWTH * daysAgo) * (0.92 + 0.16 * random.nextDouble());
        return Persona.ALL.stream()
                .flatMap(persona -> {
                    double runaway = persona.tenant().equals(RUNAWAY_TENANT) && daysAgo == RUNAWAY_DAYS_AGO ? 4.5 : 1;
                    long calls = Math.round(persona.weight() * CALLS_A_DAY_PER_WEIGHT * level * runaway);
                    return random.doubles(calls).mapToObj(fraction -> event(persona, moment(day, fraction)));
                })
                .sorted(Comparator.comparing(UsageEvent::getOccurredAt))
                .toList();
    }

    /** Most calls fall into the working day. */
    private static Instant moment(LocalDate day, double fraction) {
        double hours = fraction < 0.85 ? 7 + 12 * fraction / 0.85 : 24 * (fraction - 0.85) / 0.15;
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().plus(Duration.ofSeconds((long) (hours * 3_600)));
    }

    private UsageEvent event(Persona persona, Instant at) {
        double size = BULK * (0.7 + 0.6 * random.nextDouble());
        boolean reasons = persona.model().startsWith("o4") || persona.model().startsWith("gpt-5");
        long output = Math.round(persona.outputTokens() * size);
        return pricer.price(UsageEvent.newBuilder()
                .setEventId(new UUID(random.nextLong(), random.nextLong()))
                .setOccurredAt(at)
                .setGatewayId("demo")
                .setSource("import")
                .setTenant(persona.tenant())
                .setApiKeyId(keys.get(persona.tenant()).id())
                .setTags(persona.tags())
                .setProvider(persona.provider())
                .setModel(persona.model())
                .setOperation(operation(persona))
                .setStreamed(persona.streamed())
                .setOutcome(Outcome.completed)
                .setHttpStatus(200)
                .setUncachedInputTokens(Math.round(persona.inputTokens() * size))
                .setCacheReadInputTokens(Math.round(persona.cachedTokens() * size))
                .setTextOutputTokens(reasons ? output / 3 : output)
                .setReasoningOutputTokens(reasons ? output - output / 3 : 0)
                .setUsageSource(UsageSource.provider)
                .setLatencyMs(400 + random.nextInt(2_500))
                .setTimeToFirstTokenMs(120L + random.nextInt(500))
                .build());
    }

    private static String operation(Persona persona) {
        if (persona.isEmbedding()) {
            return "embeddings";
        }
        return persona.provider().equals("anthropic") ? "messages" : "chat";
    }
}
