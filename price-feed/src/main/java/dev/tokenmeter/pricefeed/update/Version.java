package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Provenance;
import dev.tokenmeter.pricing.Validity;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * A recorded price of a list. Lists say what holds now; so that what held before is kept, a price that moves is recorded
 * under an id of its own, {@code <id in the list>#<time from which it holds>}, and the one before it ends then.
 *
 * @param recorded as it stands in the topic
 * @param listId its id in the list
 * @param isStamped whether its beginning was set here and not by the list
 */
record Version(Price recorded, String listId, boolean isStamped) {
    private static final String RECORDER = "price-update";

    static Version of(Price recorded) {
        int mark = recorded.id().lastIndexOf('#');
        if (mark > 0) {
            try {
                Instant.parse(recorded.id().substring(mark + 1));
                return new Version(recorded, recorded.id().substring(0, mark), true);
            } catch (DateTimeParseException e) {
                return new Version(recorded, recorded.id(), false);
            }
        }
        return new Version(recorded, recorded.id(), false);
    }

    /** As the list would say it, were it unchanged. */
    Price asListed() {
        Validity validity = recorded.validity();
        Instant from = isStamped ? Instant.EPOCH : validity.from();
        return with(recorded, listId, new Validity(from, validity.until(), validity.hours()), recorded.provenance());
    }

    /** Whether it held no more at that time. */
    boolean hasEnded(Instant at) {
        return recorded.validity().until() != null
                && !recorded.validity().until().isAfter(at);
    }

    /** The same until then. */
    Price ended(Instant at) {
        Validity validity = recorded.validity();
        return with(
                recorded, recorded.id(), new Validity(validity.from(), at, validity.hours()), recorded.provenance());
    }

    /** A price of a list as it is recorded where the list itself says when it holds, or it has always held. */
    static Price asStated(Price listed, String source, Instant now) {
        return with(listed, listed.id(), listed.validity(), provenance(listed, source, now));
    }

    /** A price of a list that holds from now on. */
    static Price fromNow(Price listed, String source, Instant now) {
        Validity validity =
                new Validity(now, listed.validity().until(), listed.validity().hours());
        return with(listed, listed.id() + "#" + now, validity, provenance(listed, source, now));
    }

    private static Provenance provenance(Price listed, String source, Instant now) {
        return new Provenance(source, now, RECORDER, listed.provenance().note());
    }

    private static Price with(Price price, String id, Validity validity, Provenance provenance) {
        return new Price(
                id,
                price.tenant(),
                price.provider(),
                price.names(),
                validity,
                price.serviceTiers(),
                price.regions(),
                price.rates(),
                price.contextTiers(),
                price.exchange(),
                price.factor(),
                provenance);
    }
}
