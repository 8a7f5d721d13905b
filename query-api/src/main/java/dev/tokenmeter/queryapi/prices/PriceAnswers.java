package dev.tokenmeter.queryapi.prices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceFileWriter;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Prices as answers show them: the fields of the price format, and where each is from. */
final class PriceAnswers {
    private PriceAnswers() {}

    /** A price and the layer of the book in which it stands. */
    record Listed(PriceSource source, Price price) {}

    /** All prices, the source that is asked first standing first. */
    static List<Listed> all(PriceFeed prices) {
        if (!prices.readiness().up()) {
            throw Problem.unavailable("Prices are still being read; try again in a moment.");
        }
        List<Listed> all = new ArrayList<>();
        for (PriceSource source : PriceSource.values()) {
            prices.book().prices(source).forEach(price -> all.add(new Listed(source, price)));
        }
        return all;
    }

    /** A token for one tenant sees its own prices and everyone's. */
    static boolean isVisible(Price price, Access access) {
        return price.tenant().isEmpty() || access.sees(price.tenant());
    }

    static Optional<Listed> find(PriceFeed prices, String id) {
        return all(prices).stream().filter(one -> one.price().id().equals(id)).findFirst();
    }

    static String name(PriceSource source) {
        return source.name().toLowerCase(Locale.ROOT);
    }

    static ObjectNode json(Listed listed) {
        ObjectNode format = PriceFileWriter.node(listed.price());
        ObjectNode json = format.objectNode();
        json.set("price_id", format.remove("id"));
        json.put("source", name(listed.source()));
        json.setAll(format);
        Instant at = listed.price().provenance().recordedAt();
        if (!at.equals(Instant.EPOCH)) {
            json.put("recorded_at", at.toString());
            json.put("recorded_by", listed.price().provenance().recordedBy());
        }
        return json;
    }
}
