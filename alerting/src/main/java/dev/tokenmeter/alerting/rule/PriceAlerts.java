package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.alerting.AlertBook;
import dev.tokenmeter.alerting.Usd;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Tells once that a price changes: which rates, from what to what, and from when on. What was before is what
 * {@code llm.prices.v1} held for the same models; of a first price there, what is set. The alert closes by itself.
 */
final class PriceAlerts extends ContextualProcessor<byte[], Price, String, Alert> {
    static final String STORE = "price-alerts";
    static final String PRICES = "price-last";

    private static final RuleKind KIND = RuleKind.PRICE_CHANGE;
    private static final int SHOWN = 4;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final RuleBook rules;
    private final Duration staleAfter;
    private KeyValueStore<String, Price> prices;
    private AlertBook book;

    PriceAlerts(RuleBook rules, Duration staleAfter) {
        this.rules = rules;
        this.staleAfter = staleAfter;
    }

    static StoreBuilder<?> pricesStore(Serde<Price> values) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PRICES), Serdes.String(), values);
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        prices = context.getStateStore(PRICES);
        book = new AlertBook(context, STORE, staleAfter);
    }

    @Override
    public void process(Record<byte[], Price> record) {
        Price price = record.value();
        if (price == null) {
            return;
        }
        List<String> names = new ArrayList<>(price.getModels());
        names.addAll(price.getDatedModels());
        names.addAll(price.getPatterns());
        String subject = String.join("|", price.getTenant(), price.getProvider(), String.join(",", names));
        Optional<Price> before = Optional.ofNullable(prices.get(subject));
        prices.put(subject, price);
        List<String> changes = changes(before, price);
        if (changes.isEmpty()) {
            return;
        }
        double most = before.map(old -> mostPercent(old, price)).orElse(Double.MAX_VALUE);
        for (AlertRule rule : rules.of(KIND)) {
            String tenant = price.getTenant().isEmpty() ? AlertRules.EVERYBODY : price.getTenant();
            boolean concerns = tenant.equals(AlertRules.EVERYBODY)
                    ? isAbout(rule, price, names)
                    : (rule.getTenant().equals(AlertRules.EVERYBODY)
                                    || rule.getTenant().equals(tenant))
                            && isAbout(rule, price, names);
            if (concerns && most >= rule.getThreshold()) {
                String seenBy = tenant.equals(AlertRules.EVERYBODY) ? rule.getTenant() : tenant;
                book.fire(alert(rule, seenBy, subject, price, names, changes));
            }
        }
    }

    private static boolean isAbout(AlertRule rule, Price price, List<String> names) {
        String provider = rule.getDimensions().get("provider");
        String model = rule.getDimensions().get("model");
        return (provider == null || provider.equals(price.getProvider())) && (model == null || names.contains(model));
    }

    private static double mostPercent(Price before, Price now) {
        double most = 0;
        for (String rate : rates(before, now)) {
            BigDecimal old = before.getPerMillionTokens().get(rate);
            BigDecimal current = now.getPerMillionTokens().get(rate);
            if (old == null || current == null || old.signum() == 0) {
                return Double.MAX_VALUE;
            }
            most = Math.max(most, Math.abs(current.doubleValue() / old.doubleValue() - 1) * 100);
        }
        return most == 0 ? Double.MAX_VALUE : most;
    }

    private static TreeSet<String> rates(Price before, Price now) {
        TreeSet<String> rates = new TreeSet<>(now.getPerMillionTokens().keySet());
        rates.addAll(before.getPerMillionTokens().keySet());
        rates.removeIf(rate -> isSame(
                before.getPerMillionTokens().get(rate),
                now.getPerMillionTokens().get(rate)));
        return rates;
    }

    private static boolean isSame(BigDecimal one, BigDecimal other) {
        return one != null && other != null ? one.compareTo(other) == 0 : one == other;
    }

    /** Each rate that differs, for people; empty where none does. */
    private static List<String> changes(Optional<Price> before, Price now) {
        List<String> changes = new ArrayList<>();
        if (before.isEmpty()) {
            now.getPerMillionTokens().forEach((rate, usd) -> changes.add(words(rate) + " " + amount(now, usd)));
            changes.sort(null);
            return changes;
        }
        Price old = before.get();
        for (String rate : rates(old, now)) {
            changes.add(words(rate) + " from "
                    + amount(old, old.getPerMillionTokens().get(rate)) + " to "
                    + amount(now, now.getPerMillionTokens().get(rate)));
        }
        boolean others = !old.getPerUnit().equals(now.getPerUnit())
                || !old.getContextTiers().equals(now.getContextTiers());
        if (others) {
            changes.add("other rates");
        }
        return changes;
    }

    private static String words(String rate) {
        return rate.replace('_', ' ');
    }

    private static String amount(Price price, BigDecimal rate) {
        if (rate == null) {
            return "none";
        }
        return price.getCurrency().equals("USD")
                ? Usd.format(rate)
                : rate.stripTrailingZeros().toPlainString() + " " + price.getCurrency();
    }

    private Alert alert(
            AlertRule rule, String tenant, String subject, Price price, List<String> names, List<String> changes) {
        Instant from = price.getEffectiveFrom() == null ? price.getRecordedAt() : price.getEffectiveFrom();
        Instant last = from.isAfter(price.getRecordedAt()) ? from : price.getRecordedAt();
        Map<String, String> labels = RuleBook.labels(rule);
        labels.put("provider", price.getProvider());
        labels.put("model", String.join(",", names));
        labels.put("price_id", price.getPriceId());
        String more = changes.size() > SHOWN ? " and " + (changes.size() - SHOWN) + " more" : "";
        String whose = price.getTenant().isEmpty() ? "" : " for tenant " + price.getTenant();
        String summary = "The price of " + String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " other models" : "") + " at "
                + price.getProvider() + whose + " is another from " + DAY.format(from) + " on, a million tokens: "
                + String.join(", ", changes.subList(0, Math.min(SHOWN, changes.size()))) + more + ".";
        return Alert.newBuilder()
                .setAlertId(String.join("|", KIND.label(), rule.getRuleId(), subject) + "|" + price.getPriceId() + "|"
                        + price.getRecordedAt())
                .setKind(KIND.label())
                .setState(AlertState.firing)
                .setSeverity(rule.getSeverity())
                .setTenant(tenant)
                .setSummary(summary)
                .setLabels(labels)
                .setWindowStart(price.getRecordedAt().isBefore(last) ? price.getRecordedAt() : from)
                .setWindowEnd(last)
                .setStartsAt(book.now())
                .setUpdatedAt(book.now())
                .build();
    }
}
