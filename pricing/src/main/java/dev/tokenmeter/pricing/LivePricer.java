package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.UsageEvent;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** Prices by whatever book is current. Thread-safe: a call is priced by one book as a whole. */
public final class LivePricer implements Pricer {
    private final AtomicReference<PriceBook> book;

    /** @param book what to begin with */
    public LivePricer(PriceBook book) {
        this.book = new AtomicReference<>(book);
    }

    /** The book in use. */
    public PriceBook book() {
        return book.get();
    }

    /** Changes the book, such as {@code book -> book.with(PriceSource.UPDATE, prices)}; may be called from any thread. */
    public void change(UnaryOperator<PriceBook> change) {
        book.updateAndGet(change);
    }

    @Override
    public UsageEvent price(UsageEvent event) {
        return book.get().price(event);
    }

    @Override
    public UsageEvent priceFresh(UsageEvent event) {
        return book.get().priceFresh(event);
    }
}
