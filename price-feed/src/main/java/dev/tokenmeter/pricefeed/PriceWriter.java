package dev.tokenmeter.pricefeed;

import dev.tokenmeter.pricing.Price;
import java.io.IOException;
import java.util.List;

/** Where prices are recorded. */
@FunctionalInterface
public interface PriceWriter {
    /**
     * Writes prices in this order, each in the place of what had its id, and waits until they are in use. Blocking.
     *
     * @throws IOException if not all are known to be written; to write them again does no harm
     */
    void write(List<Price> prices) throws IOException, InterruptedException;
}
