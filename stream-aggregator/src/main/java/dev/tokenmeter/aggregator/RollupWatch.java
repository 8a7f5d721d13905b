package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageRollup;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sums events by rollup, and tells which rollups have changed: ten times a second, or where much changes (an import, a
 * re-pricing) at most {@code patience} later, so that a rollup that changes often is not told as often. Drops the sums of
 * windows that no event can reach any more; they stay in the topic.
 */
final class RollupWatch extends ContextualProcessor<TenantKey, RollupInput, String, UsageRollup> {
    private static final Duration TICK = Duration.ofMillis(100);
    /** Up to so many are told at each tick. */
    private static final int FEW = 1_000;

    private final Supplier<RollupFanOut> fanOuts;
    private final List<DimensionGroup> groups;
    private final MeterRegistry meters;
    private final UntoldRollups bounds;
    private final long retentionMs;
    private final Counter toldByTime;
    private final Counter toldByBound;
    private RollupFanOut fanOut;
    private RollupBook book;
    private RollupReplacements replacements;
    private long untoldSince;

    /**
     * @param fanOuts makes one for each task
     * @param groups that may be replaced
     * @param retention how long sums are kept against event time, beyond the end of their window
     */
    RollupWatch(
            Supplier<RollupFanOut> fanOuts,
            List<DimensionGroup> groups,
            UntoldRollups bounds,
            Duration retention,
            MeterRegistry meters) {
        this.fanOuts = fanOuts;
        this.groups = groups;
        this.meters = meters;
        this.bounds = bounds;
        this.retentionMs = retention.toMillis();
        this.toldByTime = counter(meters, "time");
        this.toldByBound = counter(meters, "bound");
    }

    private static Counter counter(MeterRegistry meters, String cause) {
        return Counter.builder("tokenmeter.aggregator.rollups")
                .description(
                        "Changed rollups written, by what made it time to; an aborted transaction's are counted again")
                .tag("cause", cause)
                .register(meters);
    }

    @Override
    public void init(ProcessorContext<String, UsageRollup> context) {
        super.init(context);
        fanOut = fanOuts.get();
        book = new RollupBook(context);
        replacements = new RollupReplacements(context, fanOut, groups, meters);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        book.expire(
                context,
                () -> RollupFanOut.firstKeyAt(oldest()),
                key -> fanOut.windowOf(key).end().isBefore(oldest()));
    }

    private Instant oldest() {
        return Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs));
    }

    @Override
    public void process(Record<TenantKey, RollupInput> record) {
        long now = context().currentSystemTimeMs();
        if (book.untold() == 0) {
            untoldSince = now;
        }
        if (record.value() instanceof Counted event) {
            fanOut.rollupsOf(event, (key, window, group) -> book.add(key, window, group, event, now));
            replacements.count(record.headers(), event, now);
        } else if (record.value() instanceof RollupInput.Replacement replacement) {
            replacements.replace(record.headers(), record.key().last(), replacement.rollup(), book);
        }
        if (book.untold() >= bounds.most()) {
            tell(now, toldByBound);
        }
    }

    private void tick(long now) {
        if (book.untold() <= FEW || now - untoldSince >= bounds.patience().toMillis()) {
            tell(now, toldByTime);
        }
    }

    private void tell(long now, Counter cause) {
        cause.increment(book.untold());
        book.tell((key, sum) -> {
            // No later than now: a broken clock's events must not look younger than they are.
            long at = Math.min(sum.lastAt().toEpochMilli(), now);
            context().forward(new Record<>(key, sum.toRollup(key), Math.max(0, at)));
        });
    }
}
