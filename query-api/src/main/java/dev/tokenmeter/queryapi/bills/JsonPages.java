package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Money;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of a provider's API, as they were saved: one, several one after the other, or a list of them. Numbers are read
 * as the decimals that they are written as.
 */
final class JsonPages {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build()
            .readerFor(JsonNode.class);
    private static final int MAX_DIGITS = 30;

    private JsonPages() {}

    /** @throws Problem.Exception 400 if it is not JSON, or a document in it has no {@code data} */
    static List<JsonNode> of(byte[] upload) {
        List<JsonNode> pages = new ArrayList<>();
        try (MappingIterator<JsonNode> documents = JSON.readValues(upload)) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                if (document.isArray()) {
                    document.forEach(pages::add);
                } else {
                    pages.add(document);
                }
            }
        } catch (JsonProcessingException e) {
            throw Problem.badRequest("body: not JSON: " + e.getOriginalMessage()
                    + (e.getLocation() == null
                            ? ""
                            : " at line " + e.getLocation().getLineNr()));
        } catch (IOException | RuntimeException e) {
            throw Problem.badRequest("body: not JSON: " + e.getMessage());
        }
        for (int i = 0; i < pages.size(); i++) {
            if (!pages.get(i).path("data").isArray()) {
                throw Problem.badRequest(
                        "body: page " + (i + 1) + " has no list 'data'; allowed: pages as the API answers them");
            }
        }
        if (pages.isEmpty()) {
            throw Problem.badRequest("body: empty; allowed: pages as the API answers them");
        }
        return pages;
    }

    /** Whether the provider has a page after the last one that was given. */
    static boolean goesOn(List<JsonNode> pages) {
        return pages.get(pages.size() - 1).path("has_more").asBoolean();
    }

    /** A text, empty where there is none. */
    static String text(JsonNode object, String name) {
        return object.path(name).isTextual() ? object.get(name).textValue() : "";
    }

    /** A count, never negative; 0 where there is none. */
    static long count(JsonNode object, String name) {
        return Math.max(0, object.path(name).asLong());
    }

    /** A number, or a text that is one, at the scale of money; null where it is neither. */
    static BigDecimal decimal(JsonNode value) {
        if (value.isNumber()) {
            return atScale(value.decimalValue());
        }
        return value.isTextual() ? decimal(value.textValue()) : null;
    }

    /** The same of a text. */
    static BigDecimal decimal(String text) {
        String plain = text.strip();
        return plain.matches("[-+]?\\d{1,18}(\\.\\d{0,40})?([eE]-?\\d{1,2})?") ? atScale(new BigDecimal(plain)) : null;
    }

    private static BigDecimal atScale(BigDecimal number) {
        boolean absurd = number.precision() - number.scale() > MAX_DIGITS || number.scale() > 100;
        return absurd ? null : number.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    }
}
