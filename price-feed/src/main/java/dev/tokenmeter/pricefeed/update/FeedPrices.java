package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the feed knows. */
final class FeedPrices implements KnownPrices {
    private final PriceFeed feed;
    private final PriceBook shipped;

    FeedPrices(PriceFeed feed) {
        this.feed = feed;
        this.shipped = PriceBook.empty().with(PriceSource.SHIPPED, feed.book().prices(PriceSource.SHIPPED));
    }

    @Override
    public boolean areRead() {
        return feed.readiness().up();
    }

    @Override
    public Collection<Price> recorded() {
        PriceBook book = feed.book();
        List<Price> recorded = new ArrayList<>(book.prices(PriceSource.API));
        recorded.addAll(book.prices(PriceSource.UPDATE));
        return recorded;
    }

    @Override
    public PriceBook shipped() {
        return shipped;
    }
}
