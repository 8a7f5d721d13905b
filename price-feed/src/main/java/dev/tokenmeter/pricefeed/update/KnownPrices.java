package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import java.util.Collection;

/** What is known before a list is looked at. */
interface KnownPrices {
    /** Whether all that was recorded has been read. */
    boolean areRead();

    /** What the topic holds, whatever its source. */
    Collection<Price> recorded();

    /** The shipped prices and no others. */
    PriceBook shipped();
}
