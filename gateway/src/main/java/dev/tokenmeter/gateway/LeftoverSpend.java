package dev.tokenmeter.gateway;

import dev.tokenmeter.gateway.cap.BudgetDirectory;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.outbox.Leftovers;
import dev.tokenmeter.gateway.outbox.Outbox;
import dev.tokenmeter.schemas.UsageEvent;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Makes known to the caps what an earlier run settled and left in the outbox: before the first of it is sent, as it may be
 * counted from then on. The outbox waits for that, but not for long: budgets that cannot be read must not keep events.
 */
final class LeftoverSpend implements Leftovers {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration STEP = Duration.ofMillis(20);

    private final BudgetDirectory budgets;
    private final Caps caps;

    LeftoverSpend(BudgetDirectory budgets, Caps caps) {
        this.budgets = budgets;
        this.caps = caps;
    }

    /** To be called with the outbox before anything else is. */
    void begin(Outbox outbox) {
        if (outbox.hadLeftovers()) {
            caps.expectLeftovers(outbox::leftoversAreSent);
        } else {
            budgets.markLeftoversRead();
        }
    }

    @Override
    public void read(Consumer<Consumer<UsageEvent>> events) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!budgets.areTopicsRead() && System.nanoTime() < end) {
            Thread.sleep(STEP.toMillis());
        }
        try {
            if (budgets.areTopicsRead()) {
                events.accept(caps::leftOver);
            }
        } finally {
            budgets.markLeftoversRead();
        }
    }
}
