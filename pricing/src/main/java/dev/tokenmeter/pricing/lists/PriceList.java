package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.Price;
import java.util.List;

/**
 * What a list holds.
 *
 * @param prices what could be read; ids are unique
 * @param findings what could not, and what was changed on the way
 */
public record PriceList(List<Price> prices, List<Finding> findings) {
    /**
     * A word on one entry of a list.
     *
     * @param entry its name in the list
     * @param what what is the matter
     * @param taken whether the entry was read all the same
     */
    public record Finding(String entry, String what, boolean taken) {}

    public PriceList {
        prices = List.copyOf(prices);
        findings = List.copyOf(findings);
    }
}
