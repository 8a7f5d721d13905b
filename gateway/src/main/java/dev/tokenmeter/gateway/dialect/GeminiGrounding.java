package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What Gemini bills for grounding an answer with Google's search or maps, beside tokens: of Gemini 3 and later models each
 * search that was made, of those before each prompt that was grounded, however many searches that took
 * (<a href="https://ai.google.dev/gemini-api/docs/google-search#pricing">Google Search</a>,
 * <a href="https://ai.google.dev/gemini-api/docs/maps-grounding#pricing">Google Maps</a>,
 * <a href="https://ai.google.dev/gemini-api/docs/pricing">prices</a>). {@code webSearchQueries} names the searches; empty ones
 * and repetitions are not billed. Where only places of the map were found, they were searches of the map. The free
 * allowance a day or a month is the account's, so it is not known here.
 */
final class GeminiGrounding {
    private static final String SEARCHES = "web_search_requests";
    private static final String MAPS = "google_maps_requests";
    private static final String WEB_CHUNK = "web";
    private static final String MAPS_CHUNK = "maps";

    private GeminiGrounding() {}

    /** What else of an answer is wanted for it; the queries are counted and forgotten. */
    static JsonExcerpt.Wanted in(JsonExcerpt.Wanted wanted) {
        Set<String> kept = new HashSet<>(wanted.kept());
        kept.add("webSearchQueries");
        Set<String> opened = new HashSet<>(wanted.opened());
        opened.addAll(Set.of("groundingMetadata", WEB_CHUNK, MAPS_CHUNK));
        return new JsonExcerpt.Wanted(
                        Set.copyOf(kept), Set.copyOf(opened), wanted.counted(), wanted.tallied(), wanted.measured())
                .tallying("candidates", GeminiGrounding::sort)
                .tallying("groundingChunks", GeminiGrounding::chunk);
    }

    private static String chunk(JsonNode chunk) {
        return chunk.has(WEB_CHUNK) ? WEB_CHUNK : chunk.has(MAPS_CHUNK) ? MAPS_CHUNK : null;
    }

    /** A candidate's sort is its number of searches, and where they were made; null for one that is not grounded. */
    private static String sort(JsonNode candidate) {
        JsonNode grounding = candidate.path("groundingMetadata");
        Set<String> queries = new HashSet<>();
        grounding.path("webSearchQueries").forEach(query -> queries.add(query.asText()));
        queries.removeIf(String::isBlank);
        JsonNode chunks = grounding.path("groundingChunks");
        boolean maps = chunks.has(MAPS_CHUNK);
        if (queries.isEmpty() && !maps && !chunks.has(WEB_CHUNK)) {
            return null;
        }
        return (maps && !chunks.has(WEB_CHUNK) ? MAPS : SEARCHES) + ' ' + Math.max(1, queries.size());
    }

    /** @param candidates number by sort; missing for none */
    static Map<String, BigDecimal> units(JsonNode candidates, String model) {
        Map<String, BigDecimal> units = new HashMap<>();
        candidates.properties().forEach(sort -> {
            String unit = sort.getKey().substring(0, sort.getKey().indexOf(' '));
            long searches = Long.parseLong(sort.getKey().substring(unit.length() + 1));
            if (isBilledByPrompt(model)) {
                units.put(unit, BigDecimal.ONE);
            } else {
                units.merge(unit, BigDecimal.valueOf(searches * sort.getValue().asLong()), BigDecimal::add);
            }
        });
        return units;
    }

    private static boolean isBilledByPrompt(String model) {
        return model != null && (model.startsWith("gemini-1") || model.startsWith("gemini-2"));
    }
}
