package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.Price;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/**
 * A change of a list that a person must look at first.
 *
 * @param priceId the price's id in the list
 * @param reason what the matter is
 * @param onAccept what to record if it is accepted at a time; null where there is nothing that could be
 */
record HeldBack(String priceId, String reason, Function<Instant, List<Price>> onAccept) {}
