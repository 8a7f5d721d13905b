package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.queryapi.bills.Reports;
import dev.tokenmeter.schemas.ProviderBill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which of the imported days count. What covers more stands for what it covers: an export of everybody's whole organisation
 * for those that were imported for tenants, one of a whole organisation for those of its accounts, and of usage of all kinds of calls and usage by kind whichever was imported later.
 */
final class Bills {
    private record Day(String tenant, String provider, Instant start) {
        Day ofEverybody() {
            return new Day("", provider, start);
        }
    }

    private Bills() {}

    static List<ProviderBill> counting(List<ProviderBill> all) {
        Map<Day, List<ProviderBill>> days = all.stream()
                .collect(Collectors.groupingBy(
                        bill -> new Day(bill.getTenant(), bill.getProvider(), bill.getWindowStart()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return days.entrySet().stream()
                .filter(day -> day.getKey().tenant().isEmpty()
                        || days.getOrDefault(day.getKey().ofEverybody(), List.of()).stream()
                                .noneMatch(bill -> bill.getAccount().isEmpty()))
                .map(day -> ofOneDay(day.getValue()))
                .flatMap(Collection::stream)
                .toList();
    }

    private static List<ProviderBill> ofOneDay(List<ProviderBill> day) {
        List<ProviderBill> usage = new ArrayList<>();
        List<ProviderBill> costs = new ArrayList<>();
        day.forEach(bill -> (bill.getReport().equals(Reports.COSTS) ? costs : usage).add(bill));
        List<ProviderBill> counting = new ArrayList<>(wholeFirst(costs));
        boolean allLater = latest(usage, true).isAfter(latest(usage, false));
        List<ProviderBill> chosen = usage.stream()
                .filter(bill -> bill.getReport().equals(Reports.ALL_USAGE) == allLater)
                .toList();
        chosen.stream()
                .collect(Collectors.groupingBy(ProviderBill::getReport))
                .values()
                .forEach(report -> counting.addAll(wholeFirst(report)));
        return counting;
    }

    private static Instant latest(List<ProviderBill> usage, boolean ofAll) {
        return usage.stream()
                .filter(bill -> bill.getReport().equals(Reports.ALL_USAGE) == ofAll)
                .map(ProviderBill::getImportedAt)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    private static List<ProviderBill> wholeFirst(List<ProviderBill> bills) {
        List<ProviderBill> whole =
                bills.stream().filter(bill -> bill.getAccount().isEmpty()).toList();
        return whole.isEmpty() ? bills : whole;
    }
}
