package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.forecast.Forecast;
import dev.tokenmeter.aggregator.forecast.SpendHistory;
import dev.tokenmeter.aggregator.forecast.SpendModel;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Forecasts of this task's budgets, never made by event: a tenant's cells of the last weeks are read once an hour, and when
 * some of its past came in since, some thousand a second so that traffic is not held up, and make a model of each of its budgets; a budget's forecast is made
 * from it once a minute, or when somebody asks. All in memory, made anew after a start. On the stream's thread.
 */
final class BudgetForecasts {
    private static final Duration MODEL_LIFE = Duration.ofHours(1);
    private static final Duration FORECAST_LIFE = Duration.ofMinutes(1);
    /** A past that is still coming in, as when the log is counted anew, is read when it pauses, or after a minute. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int CELLS_PER_TICK = 10_000;
    private static final int BUDGETS_PER_TICK = 500;
    /** How far ahead the end of a budget in total is looked for. */
    private static final Duration FAR = Duration.ofDays(366);

    /** @param spent in the period that began at {@code periodStart}, when the cells had been read */
    private record Fitted(SpendModel model, double spentToday, Instant periodStart, double spent) {}

    /** Spend of past days that came since the cells were read. */
    private record PastChange(Instant since, Instant last) {
        boolean isOver(Instant now) {
            return !last.plus(PAUSE).isAfter(now) || !since.plus(PATIENCE).isAfter(now);
        }
    }

    private record Made(Instant periodStart, Instant at, Optional<Forecast> forecast) {}

    private final SpendCells cells;
    private final PeriodSpends spends;
    private final Map<TenantKey, Fitted> fitted = new HashMap<>();
    private final Map<TenantKey, Made> made = new HashMap<>();
    private final Map<String, Instant> readAt = new HashMap<>();
    private final Map<String, PastChange> changed = new HashMap<>();
    private Reading reading;

    BudgetForecasts(SpendCells cells, PeriodSpends spends) {
        this.cells = cells;
        this.spends = spends;
    }

    /** Forgets a budget that is removed or will be counted otherwise. */
    void forget(TenantKey budget) {
        fitted.remove(budget);
        made.remove(budget);
        readAt.remove(budget.tenant());
    }

    /** To be told of each charge: a model that lacks some of the past would take a day without spend for the way things go. */
    void charged(String tenant, Instant at, Instant now) {
        if (at.isBefore(now.truncatedTo(ChronoUnit.DAYS))) {
            PastChange before = changed.get(tenant);
            changed.put(tenant, new PastChange(before == null ? now : before.since(), now));
        }
    }

    private boolean isModelDue(String tenant, Instant now) {
        Instant read = readAt.getOrDefault(tenant, Instant.EPOCH);
        PastChange change = changed.get(tenant);
        return change == null
                ? read.plus(MODEL_LIFE).isBefore(now)
                : change.isOver(now) && read.plus(PATIENCE).isBefore(now);
    }

    /** Whether nothing is known yet, as after a start. */
    boolean areUnread(KnownBudget known) {
        return !readAt.containsKey(known.tenant()) || reading != null && reading.tenant.equals(known.tenant());
    }

    /** Reads on; to be called once a second. */
    void read(Instant now, BudgetBook book) {
        int left = CELLS_PER_TICK;
        while (left > 0) {
            if (reading == null) {
                Optional<String> due = book.tenants().stream()
                        .filter(tenant -> isModelDue(tenant, now))
                        .findFirst();
                if (due.isEmpty()) {
                    readAt.keySet().retainAll(book.tenants());
                    changed.keySet().retainAll(book.tenants());
                    return;
                }
                readAt.put(due.get(), now);
                changed.remove(due.get());
                reading = new Reading(due.get(), book.of(due.get()), now);
            }
            left = reading.read(left);
            if (reading.isDone()) {
                reading.fit(now, book);
                reading = null;
            }
        }
    }

    /** Budgets whose forecast is old or that have none yet, where one can be made. */
    List<KnownBudget> due(Instant now, Collection<KnownBudget> budgets) {
        return budgets.stream()
                .filter(known -> fitted.containsKey(known.key())
                        && isDue(known, known.period().around(now), now))
                .limit(BUDGETS_PER_TICK)
                .toList();
    }

    private boolean isDue(KnownBudget known, Span span, Instant now) {
        Made last = made.get(known.key());
        return last == null
                || !last.periodStart().equals(span.start())
                || !last.at().plus(FORECAST_LIFE).isAfter(now);
    }

    /**
     * The forecast of the running period.
     *
     * @param limit in the budget's unit
     * @param anew whether one of the last minute will not do
     * @return empty where it is too early to tell
     */
    Optional<Forecast> of(KnownBudget known, Span span, double limit, Instant now, boolean anew) {
        if (anew || isDue(known, span, now)) {
            made.put(known.key(), new Made(span.start(), now, make(known, span, limit, now)));
        }
        return made.get(known.key()).forecast();
    }

    private Optional<Forecast> make(KnownBudget known, Span span, double limit, Instant now) {
        Fitted model = fitted.get(known.key());
        if (model == null) {
            return Optional.empty();
        }
        double spent = known.inUnit(spends.spent(known, span)).doubleValue();
        Instant end = span.end().isAfter(now.plus(FAR)) ? now.plus(FAR) : span.end();
        Forecast forecast = model.model().forecast(now, spent, spentToday(known, span, model, spent, now), end, limit);
        return Optional.of(forecast).filter(Forecast::isFinite);
    }

    /** Negative where it is not known: after a midnight, until the cells are read again. */
    private static double spentToday(KnownBudget known, Span span, Fitted then, double spent, Instant now) {
        ZoneId zone = known.period().zone();
        LocalDate today = LocalDate.ofInstant(now, zone);
        if (!span.start().isBefore(today.atStartOfDay(zone).toInstant())) {
            return spent;
        }
        boolean sameDay = then.model().lastDay().plusDays(1).equals(today);
        return sameDay && then.periodStart().equals(span.start())
                ? Math.max(0, then.spentToday() + spent - then.spent())
                : -1;
    }

    /** One tenant's cells on the way into the histories of its budgets: eleven kilobytes for each of them. */
    private final class Reading {
        private final String tenant;
        private final Map<KnownBudget, SpendHistory> histories = new HashMap<>();
        private final Span span;
        private Optional<String> from = Optional.empty();
        private boolean done;

        Reading(String tenant, Collection<KnownBudget> budgets, Instant now) {
            this.tenant = tenant;
            Instant start = now;
            for (KnownBudget known : budgets) {
                SpendHistory history = new SpendHistory(known.period().zone(), now);
                histories.put(known, history);
                start = history.start().isBefore(start) ? history.start() : start;
            }
            span = new Span(start, now.plus(Duration.ofDays(1)));
        }

        int read(int most) {
            int[] left = {most};
            from = cells.read(tenant, span, from, most, (start, values, amounts) -> {
                left[0]--;
                histories.forEach((known, history) -> {
                    if (known.scope().covers(values::get)) {
                        history.add(start, known.inUnit(amounts).doubleValue());
                    }
                });
            });
            done = from.isEmpty();
            return done ? left[0] - 1 : 0;
        }

        boolean isDone() {
            return done;
        }

        void fit(Instant now, BudgetBook book) {
            histories.forEach((known, history) -> {
                KnownBudget current = book.get(known.key());
                if (current == null || !current.spendsAs(known)) {
                    return; // Redefined meanwhile: read anew at once.
                }
                made.remove(known.key());
                Span running = known.period().around(now);
                SpendModel.of(history)
                        .ifPresentOrElse(
                                model -> fitted.put(
                                        known.key(),
                                        new Fitted(
                                                model,
                                                history.spentToday(),
                                                running.start(),
                                                known.inUnit(spends.spent(known, running))
                                                        .doubleValue())),
                                () -> fitted.remove(known.key()));
            });
        }
    }
}
