package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.Price;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gathers what a reader finds. */
final class PriceListBuilder {
    private static final int MAX_FINDINGS = 20_000;
    private static final int MAX_TEXT = 300;

    private final List<Price> prices = new ArrayList<>();
    private final List<PriceList.Finding> findings = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    void add(String entry, Price price) {
        if (ids.add(price.id())) {
            prices.add(price);
        } else {
            leaveOut(entry, "a second price with the id " + price.id());
        }
    }

    void leaveOut(String entry, String why) {
        find(entry, why, false);
    }

    void remark(String entry, String what) {
        find(entry, what, true);
    }

    private void find(String entry, String what, boolean taken) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(new PriceList.Finding(cut(entry), cut(what), taken));
        }
    }

    private static String cut(String text) {
        return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
    }

    PriceList build() {
        return new PriceList(prices, findings);
    }
}
