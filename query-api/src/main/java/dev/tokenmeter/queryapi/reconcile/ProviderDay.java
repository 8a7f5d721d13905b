package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.queryapi.bills.Reports;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.query.ModelDays.ModelDay;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One provider's day, both sides, in the finest rows that the export tells apart. Where it names no model at all, all models
 * are one row; a tool that it charges by itself is a row of its own on our side as well.
 */
final class ProviderDay {
    private static final String USD = "USD";

    private final LocalDate day;
    private final String provider;
    private final ModelNames names;
    private final List<BillLine> costs;
    private final List<BillLine> usage;
    private final boolean hasCosts;
    private final boolean hasUsage;
    private final boolean together;
    private final Map<RowKey, Pair> rows = new HashMap<>();

    ProviderDay(LocalDate day, String provider, ModelNames names, List<ProviderBill> bills) {
        this.day = day;
        this.provider = provider;
        this.names = names;
        this.hasCosts = bills.stream().anyMatch(bill -> bill.getReport().equals(Reports.COSTS));
        this.hasUsage = bills.stream().anyMatch(bill -> !bill.getReport().equals(Reports.COSTS));
        this.costs = lines(bills, true);
        this.usage = lines(bills, false);
        this.together = namesNoModel(costs) || namesNoModel(usage);
    }

    private static List<BillLine> lines(List<ProviderBill> bills, boolean money) {
        return bills.stream()
                .filter(bill -> bill.getReport().equals(Reports.COSTS) == money)
                .flatMap(bill -> bill.getLines().stream())
                .toList();
    }

    private static boolean namesNoModel(List<BillLine> lines) {
        boolean some = lines.stream().anyMatch(line -> line.getUnit().isEmpty());
        return some && lines.stream().allMatch(line -> line.getModel().isEmpty());
    }

    /** @param ours all that this provider's models were used for that day */
    Map<RowKey, Pair> rows(List<ModelDay> ours) {
        Set<String> tools = new HashSet<>();
        costs.forEach(line -> cost(line, tools));
        Set<RowKey> counted = new HashSet<>();
        usage.forEach(line -> usage(line, counted));
        ours.forEach(model -> ours(model, tools, counted));
        return rows;
    }

    private RowKey key(BillLine line) {
        if (together) {
            return new RowKey(day, provider, "", "");
        } else if (!line.getModel().isEmpty()) {
            return new RowKey(day, provider, names.of(line.getModel()), "");
        }
        String item = line.getUnit().isEmpty() ? line.getItem() : line.getUnit();
        return new RowKey(day, provider, "", item.isEmpty() ? "not told" : item);
    }

    private void cost(BillLine line, Set<String> tools) {
        if (line.getAmount() == null) {
            return;
        }
        if (!together && line.getModel().isEmpty() && !line.getUnit().isEmpty()) {
            tools.add(line.getUnit());
        }
        boolean usd = line.getCurrency().equals(USD);
        // Ours has the figure as well, so that both sides of each row state the same ones.
        Figures zero = usd ? Figures.cost(BigDecimal.ZERO) : Figures.NONE;
        Figures theirs = usd ? Figures.cost(line.getAmount()) : Figures.NONE;
        Map<String, BigDecimal> others = usd ? Map.of() : Map.of(line.getCurrency(), line.getAmount());
        add(key(line), new Pair(zero, theirs, 0, 0, 0, 0, others));
    }

    private void usage(BillLine line, Set<RowKey> counted) {
        boolean onlyUnits = line.getTokens().isEmpty() && !line.getUnits().isEmpty();
        if (onlyUnits || !line.getUnit().isEmpty()) {
            return; // a count of searches or images has nothing beside it
        }
        RowKey key = key(line);
        counted.add(key);
        long input = 0;
        long output = 0;
        for (TokenKind kind : TokenKind.values()) {
            long count = line.getTokens().getOrDefault(kind.field(), 0L);
            input += kind.isInput() ? count : 0;
            output += kind.isInput() ? 0 : count;
        }
        long cached = line.getTokens().getOrDefault(TokenKind.CACHE_READ_INPUT.field(), 0L);
        Long requests = line.getRequests();
        Figures zero = new Figures(null, 0L, 0L, 0L, requests == null ? null : Long.valueOf(0));
        add(key, new Pair(zero, new Figures(null, input, cached, output, requests), 0, 0, 0, 0, Map.of()));
    }

    private void ours(ModelDay model, Set<String> tools, Set<RowKey> counted) {
        RowKey key = new RowKey(day, provider, together ? "" : names.of(model.model()), "");
        Pair theirs = rows.getOrDefault(key, Pair.NONE);
        BigDecimal cost = model.costUsd();
        for (String tool : tools) {
            BigDecimal part = model.costParts().getOrDefault(tool, BigDecimal.ZERO);
            if (part.signum() != 0) {
                cost = cost.subtract(part);
                add(
                        new RowKey(day, provider, "", tool),
                        bothStating(Figures.cost(part), Figures.cost(BigDecimal.ZERO)));
            }
        }
        boolean foreign = !theirs.otherAmounts().isEmpty();
        // Whatever the export leaves out is nothing there, if it is an export of that.
        boolean tokens = hasUsage && (counted.contains(key) || !hasCosts);
        boolean requests = tokens && (theirs.theirs().requests() != null || !counted.contains(key));
        Figures mine = new Figures(
                hasCosts && !foreign ? cost : null,
                tokens ? Long.valueOf(model.inputTokens()) : null,
                tokens ? model.tokens().get(TokenKind.CACHE_READ_INPUT) : null,
                tokens ? Long.valueOf(model.outputTokens()) : null,
                requests ? Long.valueOf(model.requests()) : null);
        Figures nothing = new Figures(
                mine.hasCost() ? BigDecimal.ZERO : null,
                tokens ? Long.valueOf(0) : null,
                tokens ? Long.valueOf(0) : null,
                tokens ? Long.valueOf(0) : null,
                requests ? Long.valueOf(0) : null);
        add(
                key,
                new Pair(
                        mine,
                        nothing,
                        model.requests(),
                        model.pricedRequests(),
                        model.unpricedRequests(),
                        model.notFinalTokens(),
                        Map.of()));
    }

    private static Pair bothStating(Figures ours, Figures theirs) {
        return new Pair(ours, theirs, 0, 0, 0, 0, Map.of());
    }

    private void add(RowKey key, Pair pair) {
        rows.merge(key, pair, Pair::plus);
    }
}
