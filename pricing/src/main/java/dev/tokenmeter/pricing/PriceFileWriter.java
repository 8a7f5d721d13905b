package dev.tokenmeter.pricing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Writes prices in Tokenmeter's own format; {@link PriceFile} reads them back as they were, but for who recorded them. */
public final class PriceFileWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private PriceFileWriter() {}

    /** The prices, one a line, after the given facts about the file. */
    public static String write(Map<String, String> head, Collection<Price> prices) {
        StringBuilder text = new StringBuilder("{\n");
        head.forEach((name, value) -> text.append(NODES.textNode(name))
                .append(": ")
                .append(NODES.textNode(value))
                .append(",\n"));
        text.append("\"prices\": [");
        String separator = "\n";
        for (Price price : prices) {
            text.append(separator).append(node(price));
            separator = ",\n";
        }
        return text.append("\n]}\n").toString();
    }

    /** One price. */
    public static ObjectNode node(Price price) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", price.id());
        if (!price.tenant().isEmpty()) {
            node.put("tenant", price.tenant());
        }
        node.put("provider", price.provider());
        putNames(node, "models", price.names().models());
        putNames(node, "dated_models", price.names().datedModels());
        putNames(node, "patterns", price.names().patterns());
        if (!price.validity().from().equals(Instant.EPOCH)) {
            node.put("from", price.validity().from().toString());
        }
        if (price.validity().until() != null) {
            node.put("until", price.validity().until().toString());
        }
        if (!price.validity().hours().isEmpty()) {
            node.set("hours_utc", hours(price.validity()));
        }
        putTiers(node, price);
        putAmounts(node, "regions", price.regions());
        String usd = price.exchange().equals(Exchange.USD) ? "usd_" : "";
        if (usd.isEmpty()) {
            node.put("currency", price.exchange().currency());
            node.put("exchange_rate", price.exchange().usd().toPlainString());
        }
        putRates(node, price.rates(), usd);
        if (!price.contextTiers().isEmpty()) {
            node.set("context_tiers", contextTiers(price, usd));
        }
        if (price.factor() != null) {
            node.put("factor", price.factor().toPlainString());
        }
        if (!price.provenance().note().isEmpty()) {
            node.put("note", price.provenance().note());
        }
        return node;
    }

    private static void putTiers(ObjectNode node, Price price) {
        boolean byDefault = price.factor() == null
                ? price.serviceTiers().equals(Price.STANDARD_TIERS)
                : price.serviceTiers().isEmpty();
        if (!byDefault) {
            ArrayNode tiers = node.putArray("service_tiers");
            if (price.serviceTiers().isEmpty()) {
                tiers.add(Price.ANY);
            }
            price.serviceTiers().stream().sorted().forEach(tiers::add);
        }
    }

    private static ArrayNode hours(Validity validity) {
        ArrayNode list = NODES.arrayNode();
        for (DailyHours part : validity.hours()) {
            ObjectNode node = list.addObject()
                    .put("from", part.from().toString())
                    .put("until", part.until().toString());
            if (!part.days().isEmpty()) {
                ArrayNode days = node.putArray("days");
                part.days().stream().sorted().forEach(day -> days.add(PriceJson.DAYS.get(day.getValue() - 1)));
            }
        }
        return list;
    }

    private static ArrayNode contextTiers(Price price, String usd) {
        ArrayNode list = NODES.arrayNode();
        for (ContextTier tier : price.contextTiers()) {
            ObjectNode node = list.addObject().put("from_input_tokens", tier.fromInputTokens());
            if (tier.rates().isEmpty()) {
                node.put("unpriced", true);
            }
            putRates(node, tier.rates(), usd);
        }
        return list;
    }

    private static void putRates(ObjectNode node, Rates rates, String usd) {
        Map<String, BigDecimal> tokens = new TreeMap<>();
        for (TokenKind kind : TokenKind.values()) {
            if (rates.perMillionTokens().containsKey(kind)) {
                tokens.put(kind.field(), rates.perMillionTokens().get(kind));
            }
        }
        putAmounts(node, usd + "per_million_tokens", tokens);
        putAmounts(node, usd + "per_unit", rates.perUnit());
    }

    private static void putAmounts(ObjectNode node, String field, Map<String, BigDecimal> amounts) {
        if (!amounts.isEmpty()) {
            ObjectNode object = node.putObject(field);
            new TreeMap<>(amounts).forEach((name, amount) -> object.put(name, amount.toPlainString()));
        }
    }

    private static void putNames(ObjectNode node, String field, Collection<String> names) {
        if (!names.isEmpty()) {
            ArrayNode array = node.putArray(field);
            names.stream().sorted().forEach(array::add);
        }
    }
}
