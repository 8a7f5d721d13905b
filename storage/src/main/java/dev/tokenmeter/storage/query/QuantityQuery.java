package dev.tokenmeter.storage.query;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much of everything was used, apart by all that prices depend on.
 *
 * @param range when the calls ended; for rollups on full hours
 * @param filters values that dimensions must have
 * @param groupBy what else to keep apart
 * @param windows windows to keep apart
 * @param tenantsApart tenants that are kept apart; all others are one
 * @param contextEdges numbers of input tokens at which prices change, rising; rollups know theirs
 * @param moments at which prices change, rising: events before and after one are kept apart. Not for rollups
 * @param part what to look at; null for all
 */
public record QuantityQuery(
        TimeRange range,
        Map<Dimension, String> filters,
        List<Dimension> groupBy,
        Bucket windows,
        Set<String> tenantsApart,
        List<Long> contextEdges,
        List<Instant> moments,
        Part part) {

    /**
     * Some windows of some models.
     *
     * @param models at least one
     * @param bucket length of the windows; {@link Bucket#NONE} for all the range
     * @param starts where they begin
     */
    public record Part(Set<Model> models, Bucket bucket, Set<Instant> starts) {}

    /** A model at its provider. */
    public record Model(String provider, String name) {}

    public QuantityQuery {
        filters = Map.copyOf(filters);
        groupBy = List.copyOf(groupBy);
        contextEdges = List.copyOf(contextEdges);
        moments = List.copyOf(moments);
    }

    /** The same of a part, within finer windows. */
    public QuantityQuery of(Part some, Bucket within, List<Instant> changes) {
        return new QuantityQuery(range, filters, groupBy, within, tenantsApart, contextEdges, changes, some);
    }

    /** The same within other bounds. */
    QuantityQuery within(TimeRange bounds) {
        return new QuantityQuery(bounds, filters, groupBy, windows, tenantsApart, contextEdges, moments, part);
    }
}
