package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.storage.query.StoredEvents;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a job: prices each event by what is known now and sends a correction where that is another cost. Blocking. It may
 * be run again at any time: it waits until the store has the corrections of the one before, what is right already is left
 * alone, and a correction that was sent twice counts once.
 */
final class Repricer {
    private final StoredEvents events;
    private final Pricer pricer;
    private final Supplier<CorrectionLog> logs;
    private final Runnable caughtUp;
    private final Clock clock;

    /**
     * Runs nothing yet.
     *
     * @param logs opens the way to the usage topic
     * @param caughtUp returns once the store has what was sent before
     */
    Repricer(StoredEvents events, Pricer pricer, Supplier<CorrectionLog> logs, Runnable caughtUp, Clock clock) {
        this.events = events;
        this.caughtUp = caughtUp;
        this.pricer = pricer;
        this.logs = logs;
        this.clock = clock;
    }

    void run(RepriceJob job) {
        Repricing asked = job.asked();
        caughtUp.run(); // else a second job would correct the same revision as the first, and lose
        job.running(events.count(asked.events()));
        if (asked.dryRun()) {
            events.forEach(asked.events(), event -> reprice(event, job, correction -> {}));
        } else {
            try (CorrectionLog log = logs.get()) {
                events.forEach(asked.events(), event -> reprice(event, job, log::send));
                log.flush();
            }
        }
        job.done();
    }

    private interface Sink {
        void send(UsageEvent correction);
    }

    private void reprice(UsageEvent event, RepriceJob job, Sink sink) {
        UsageEvent now = pricedNow(event);
        ModelTotals totals = ModelTotals.unchanged();
        if (now.getCostUsd() == null && event.getCostUsd() != null) {
            job.keptWithoutPrice();
        } else if (!costsTheSame(event, now)) {
            totals = ModelTotals.change(event.getCostUsd(), now.getCostUsd());
            Repricing asked = job.asked();
            sink.send(UsageCorrections.correct(event, now, clock.instant(), asked.by(), asked.reason()));
        }
        job.add(event.getProvider(), event.getModel(), totals);
    }

    /** A call that never went out cost nothing, whatever its model costs. */
    private UsageEvent pricedNow(UsageEvent event) {
        if (event.getOutcome() == Outcome.blocked) {
            return event;
        }
        return pricer.price(UsageEvents.withCost(event, null, Map.of(), null, event.getCostCurrency(), null));
    }

    private static boolean costsTheSame(UsageEvent before, UsageEvent now) {
        return before.getCostUsd() == null
                ? now.getCostUsd() == null
                : before.getCostUsd().compareTo(now.getCostUsd()) == 0
                        && before.getCostParts().equals(now.getCostParts());
    }
}
