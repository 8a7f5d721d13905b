package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceFile;
import java.io.IOException;

/** Reads a list in whichever of the known formats it is. */
public final class PriceLists {
    /** Largest list; LiteLLM's has 4 MB. */
    public static final int MAX_BYTES = 64 << 20;

    private static final int MAX_ENTRIES = 100_000;
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxNumberLength(64)
                            .maxStringLength(1 << 20)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private PriceLists() {}

    /**
     * Reads a list: ours is an object with {@code prices}, genai-prices' an array of providers, LiteLLM's an object of
     * models.
     *
     * @param source name of the list, the beginning of each price's id
     * @throws InvalidPriceException if it is too large, not JSON or in no known format
     */
    public static PriceList read(byte[] bytes, String source) {
        return read(bytes, source, ListFormat.AUTO);
    }

    /**
     * Reads a list that must be of a format.
     *
     * @throws InvalidPriceException if it is too large, not JSON or of another format
     */
    public static PriceList read(byte[] bytes, String source, ListFormat expected) {
        JsonNode root = parse(bytes, source);
        if (expected != ListFormat.AUTO && expected != format(root)) {
            throw new InvalidPriceException(
                    source, root.isArray() ? "a list" : "an object of another kind", "the format " + expected);
        }
        PriceListBuilder list = new PriceListBuilder();
        if (root.isArray()) {
            new GenaiPricesList(source, list).read(root);
        } else if (root.path("prices").isArray()) {
            readOwn(root.path("prices"), source, list);
        } else if (root.isObject()) {
            new LiteLlmList(source, list).read(root);
        } else {
            throw new InvalidPriceException(source, root.getNodeType(), "a price list in JSON");
        }
        return list.build();
    }

    private static ListFormat format(JsonNode root) {
        if (root.isArray()) {
            return ListFormat.GENAI_PRICES;
        }
        return root.path("prices").isArray() ? ListFormat.TOKENMETER : ListFormat.LITELLM;
    }

    private static JsonNode parse(byte[] bytes, String source) {
        if (bytes.length > MAX_BYTES) {
            throw new InvalidPriceException(source, bytes.length, "at most " + MAX_BYTES + " bytes");
        }
        try {
            JsonNode root = JSON.readTree(bytes);
            if (root == null || root.size() > MAX_ENTRIES) {
                throw new InvalidPriceException(
                        source, root == null ? 0 : root.size(), "1 to " + MAX_ENTRIES + " entries");
            }
            return root;
        } catch (IOException e) {
            throw new InvalidPriceException(source, e.getMessage(), "JSON");
        }
    }

    private static void readOwn(JsonNode entries, String source, PriceListBuilder list) {
        int index = 0;
        for (JsonNode entry : entries) {
            String name = "prices[" + index++ + "]";
            try {
                Price price = PriceFile.readOne(entry, source);
                list.add(name, price);
            } catch (InvalidPriceException e) {
                list.leaveOut(name, e.getMessage());
            }
        }
    }

    /** The price with what its provider documents once for all its models; prices that were read here have it already. */
    public static Price completed(Price price) {
        return ProviderFacts.completed(price);
    }
}
