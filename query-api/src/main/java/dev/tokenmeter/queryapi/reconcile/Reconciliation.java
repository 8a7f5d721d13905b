package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.storage.query.ModelDays.ModelDay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Our figures and theirs, of the days for which something was imported.
 *
 * @param rows in their order
 * @param total the sum of all rows
 * @param daysWithoutBill days on which a provider was used and of which nothing was imported, by provider; in no row
 */
record Reconciliation(Map<RowKey, Pair> rows, Pair total, Map<String, Set<LocalDate>> daysWithoutBill) {
    private record Key(String provider, Instant day) {}

    static Reconciliation of(List<ModelDay> ours, List<ProviderBill> imported, Grouping grouping) {
        Map<Key, List<ProviderBill>> bills = Bills.counting(imported).stream()
                .collect(Collectors.groupingBy(bill -> new Key(bill.getProvider(), bill.getWindowStart())));
        Map<Key, List<ModelDay>> used =
                ours.stream().collect(Collectors.groupingBy(day -> new Key(day.provider(), day.day())));
        Map<String, ModelNames> names = names(ours, bills.values());
        Map<RowKey, Pair> rows = new TreeMap<>();
        bills.forEach((key, ofDay) -> new ProviderDay(date(key.day()), key.provider(), names.get(key.provider()), ofDay)
                .rows(used.getOrDefault(key, List.of()))
                .forEach((row, pair) -> rows.merge(row.by(grouping), pair, Pair::plus)));
        Map<String, Set<LocalDate>> without = new TreeMap<>();
        used.keySet().stream()
                .filter(key -> !bills.containsKey(key))
                .forEach(key -> without.computeIfAbsent(key.provider(), provider -> new TreeSet<>())
                        .add(date(key.day())));
        return new Reconciliation(rows, rows.values().stream().reduce(Pair.NONE, Pair::plus), without);
    }

    private static Map<String, ModelNames> names(List<ModelDay> ours, Collection<List<ProviderBill>> bills) {
        Map<String, Set<String>> here = new HashMap<>();
        Map<String, Set<String>> there = new HashMap<>();
        ours.forEach(day -> here.computeIfAbsent(day.provider(), provider -> new TreeSet<>())
                .add(day.model()));
        bills.forEach(list -> list.forEach(bill -> {
            Set<String> models = there.computeIfAbsent(bill.getProvider(), provider -> new TreeSet<>());
            bill.getLines().stream()
                    .map(BillLine::getModel)
                    .filter(model -> !model.isEmpty())
                    .forEach(models::add);
        }));
        Map<String, ModelNames> names = new HashMap<>();
        there.forEach((provider, models) ->
                names.put(provider, new ModelNames(here.getOrDefault(provider, Set.of()), models)));
        return names;
    }

    private static LocalDate date(Instant day) {
        return day.atZone(ZoneOffset.UTC).toLocalDate();
    }
}
