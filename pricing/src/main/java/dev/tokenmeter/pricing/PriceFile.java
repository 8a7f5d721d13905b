package dev.tokenmeter.pricing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads Tokenmeter's own price format, JSON; docs/pricing.md describes it. Every amount is a decimal string, so that no
 * figure passes through binary floating point. Any mistake fails the whole file: half a price list is a wrong one.
 */
public final class PriceFile {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private PriceFile() {}

    /**
     * Reads a file as a whole.
     *
     * @param source name of the source, the beginning of each {@link Price#id} that the file does not state
     * @throws PriceFileException if anything in it is missing, unknown or out of bounds
     */
    public static List<Price> read(InputStream in, String source) throws IOException {
        PriceJson reader = new PriceJson(source);
        List<Price> list = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode entry : entries(in, source)) {
            String at = source + ": prices[" + list.size() + "]";
            try {
                Price price = reader.price(entry);
                if (!ids.add(price.id())) {
                    throw new InvalidPriceException("id", price.id(), "an id that no other price has; state one as id");
                }
                list.add(price);
            } catch (InvalidPriceException e) {
                throw new PriceFileException(e.in(at).getMessage());
            }
        }
        return List.copyOf(list);
    }

    /**
     * Reads one price of a file.
     *
     * @throws InvalidPriceException if anything in it is missing, unknown or out of bounds
     */
    public static Price readOne(JsonNode entry, String source) {
        return new PriceJson(source).price(entry);
    }

    private static JsonNode entries(InputStream in, String source) throws IOException {
        try {
            JsonNode prices = JSON.readTree(in).path("prices");
            if (!prices.isArray()) {
                throw new PriceFileException(source + ": prices: not there; allowed: a list of prices");
            }
            return prices;
        } catch (JsonProcessingException e) {
            throw new PriceFileException(source + ": not JSON: " + e.getOriginalMessage() + " at line "
                    + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()));
        }
    }
}
