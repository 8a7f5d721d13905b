package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.lists.PriceChange;
import dev.tokenmeter.pricing.lists.PriceChanges;
import dev.tokenmeter.pricing.lists.PriceList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a list changes in what is recorded. A change holds from now on, unless the list says from when, and so does a new
 * factor; the first price of a model that had none holds at all times, so that what it left unpriced can be priced. Pure.
 */
final class UpdatePlan {
    private final String source;
    private final Instant now;
    private final ShippedCheck check;
    private final Map<String, Version> current = new HashMap<>();
    private final Set<String> idsOfOthers = new HashSet<>();
    private final List<Price> writes = new ArrayList<>();
    private final List<UpdateReport.Change> taken = new ArrayList<>();
    private final List<HeldBack> held = new ArrayList<>();

    /**
     * @param recorded all that the topic holds
     * @param shipped knows the shipped prices and no others
     * @param source name of the list
     */
    UpdatePlan(PriceList list, Collection<Price> recorded, PriceBook shipped, String source, Instant now) {
        this.source = source;
        this.now = now;
        this.check = new ShippedCheck(shipped, now);
        for (Price price : recorded) {
            if (price.provenance().source().equals(source)) {
                Version version = Version.of(price);
                current.merge(version.listId(), version, UpdatePlan::later);
            } else {
                idsOfOthers.add(price.id());
            }
        }
        List<Price> before = current.values().stream().map(Version::asListed).toList();
        PriceChanges.between(before, list).changes().forEach(change -> add(change, list));
    }

    private static Version later(Version one, Version other) {
        return one.recorded()
                        .validity()
                        .from()
                        .isAfter(other.recorded().validity().from())
                ? one
                : other;
    }

    /** What to record now, in this order. */
    List<Price> writes() {
        return writes;
    }

    /** The changes that {@link #writes} makes. */
    List<UpdateReport.Change> taken() {
        return taken;
    }

    /** What waits for a person. */
    List<HeldBack> held() {
        return held;
    }

    private void add(PriceChange change, PriceList list) {
        if (change instanceof PriceChange.Added added) {
            add(added.price());
        } else if (change instanceof PriceChange.Moved moved) {
            decide(moved.id(), moved.what(), moved.held(), at -> moved(moved.after(), at));
        } else if (!current.get(change.id()).hasEnded(now) && !isSucceeded(change.id(), list)) {
            boolean vanished = change instanceof PriceChange.Vanished;
            held.add(new HeldBack(
                    change.id(),
                    change.what(),
                    vanished ? at -> List.of(current.get(change.id()).ended(at)) : null));
        }
    }

    private void add(Price price) {
        if (idsOfOthers.contains(price.id())) {
            held.add(new HeldBack(price.id(), "another source has a price of that id", null));
            return;
        }
        Optional<Price> shipped = price.factor() == null ? check.shipped(price) : Optional.empty();
        Optional<String> doubt =
                isInForce(price) ? shipped.flatMap(known -> check.doubt(price, known)) : Optional.empty();
        boolean addsToNothing = shipped.isEmpty() && price.factor() == null; // a factor changes what others priced
        Function<Instant, List<Price>> record = at -> List.of(
                saysWhen(price) || addsToNothing
                        ? Version.asStated(price, source, at)
                        : Version.fromNow(price, source, at));
        decide(price.id(), doubt.orElse("new"), doubt.isPresent(), record);
    }

    private void decide(String id, String what, boolean doubted, Function<Instant, List<Price>> record) {
        if (doubted) {
            held.add(new HeldBack(id, what, record));
        } else {
            writes.addAll(record.apply(now));
            taken.add(new UpdateReport.Change(id, what));
        }
    }

    /** The new one first: if only that is written, it holds all the same, as the later one. */
    private List<Price> moved(Price after, Instant at) {
        Version before = current.get(after.id());
        if (saysWhen(after)) {
            return List.of(Version.asStated(after, source, at));
        }
        Price next = Version.fromNow(after, source, at);
        boolean ends =
                !before.hasEnded(at) && before.recorded().validity().from().isBefore(at);
        return ends ? List.of(next, before.ended(at)) : List.of(next);
    }

    private static boolean saysWhen(Price listed) {
        return !listed.validity().from().equals(Instant.EPOCH)
                || listed.validity().until() != null;
    }

    private boolean isInForce(Price price) {
        Instant until = price.validity().until();
        return !price.validity().from().isAfter(now) && (until == null || until.isAfter(now));
    }

    /** Whether the list prices the same from a later time on: then the price did not vanish, it is history. */
    private boolean isSucceeded(String id, PriceList list) {
        Price gone = current.get(id).recorded();
        return list.prices().stream()
                .anyMatch(price -> price.provider().equals(gone.provider())
                        && price.tenant().equals(gone.tenant())
                        && price.names().equals(gone.names())
                        && price.serviceTiers().equals(gone.serviceTiers())
                        && price.validity().from().isAfter(gone.validity().from()));
    }
}
