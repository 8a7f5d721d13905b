package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.schemas.TokenKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * LiteLLM's {@code model_prices_and_context_window.json}: an object of models, USD for one token, suffixes for context and
 * service tiers, no dates (<a href="https://docs.litellm.ai/docs/provider_registration/add_model_pricing">format</a>).
 */
final class LiteLlmList {
    /** What providers are called here. */
    private static final Map<String, String> PROVIDERS = Map.of(
            "cohere_chat", "cohere",
            "bedrock_converse", "bedrock",
            "text-completion-openai", "openai",
            "azure_text", "azure",
            "codestral", "mistral",
            "fireworks_ai-embedding-models", "fireworks_ai");

    private static final Set<String> MODES = Set.of(
            "chat",
            "responses",
            "completion",
            "embedding",
            "rerank",
            "audio_transcription",
            "audio_speech",
            "image_generation",
            "image_edit",
            "realtime",
            "ocr",
            "moderation");
    private static final Set<String> TALKS = Set.of("chat", "responses", "completion");
    /** {@code high/1024-x-1024/gpt-image-1}: what an image of a size and quality costs. */
    private static final Pattern IMAGE_VARIANT =
            Pattern.compile("(?:([a-z]+)/)?(\\d{2,5})-x-(\\d{2,5})/(?:\\d{2,4}-steps/)?(.+)");

    private final String source;
    private final PriceListBuilder list;

    LiteLlmList(String source, PriceListBuilder list) {
        this.source = source;
        this.list = list;
    }

    void read(JsonNode root) {
        Map<String, RateTable> images = new TreeMap<>();
        Map<String, JsonNode> models = new LinkedHashMap<>();
        root.properties().forEach(field -> {
            String key = field.getKey();
            if (!key.equals("sample_spec") && isUsable(key, field.getValue())) {
                Matcher variant = IMAGE_VARIANT.matcher(nameOf(key, field.getValue()));
                if (variant.matches()) {
                    safely(key, () -> readVariant(key, field.getValue(), variant, images));
                } else {
                    models.put(key, field.getValue());
                }
            }
        });
        models.forEach((key, entry) -> {
            LiteLlmModel model = new LiteLlmModel(source, providerOf(entry), nameOf(key, entry), list);
            RateTable variants = images.remove(model.fullName());
            safely(
                    key,
                    () -> model.add(
                            key, entry, TALKS.contains(entry.path("mode").asText()), variants));
        });
        images.forEach((name, variants) -> {
            String provider = name.substring(0, name.indexOf('/'));
            String model = name.substring(provider.length() + 1);
            safely(name, () -> new LiteLlmModel(source, provider, model, list).addVariants(variants));
        });
    }

    private void safely(String key, Runnable reading) {
        try {
            reading.run();
        } catch (InvalidPriceException e) {
            list.leaveOut(key, e.getMessage());
        }
    }

    private boolean isUsable(String key, JsonNode entry) {
        if (entry.path("litellm_provider").asText().isBlank() || key.length() > 250) {
            list.leaveOut(key, "no litellm_provider, or too long a name");
        } else if (!MODES.contains(entry.path("mode").asText())) {
            list.leaveOut(key, "mode '" + entry.path("mode").asText() + "': billed by what events do not count");
        } else if (!hasPrice(entry)) {
            list.leaveOut(key, "no rate above zero: free, or not known");
        } else {
            return true;
        }
        return false;
    }

    private static String providerOf(JsonNode entry) {
        String listed = entry.path("litellm_provider").asText();
        return listed.startsWith("vertex_ai") ? "vertex_ai" : PROVIDERS.getOrDefault(listed, listed);
    }

    private static String nameOf(String key, JsonNode entry) {
        return withoutProvider(key, entry.path("litellm_provider").asText());
    }

    private static boolean hasPrice(JsonNode entry) {
        return entry.properties().stream()
                .anyMatch(field -> LiteLlmKey.isRate(field.getKey())
                        && (field.getValue().isContainerNode()
                                || field.getValue().asDouble() > 0));
    }

    private static String withoutProvider(String key, String provider) {
        for (String prefix : new String[] {provider, "bedrock", "cohere", "vertex_ai"}) {
            if (key.startsWith(prefix + "/")) {
                return key.substring(prefix.length() + 1);
            }
        }
        return key;
    }

    private void readVariant(String key, JsonNode entry, Matcher variant, Map<String, RateTable> images) {
        JsonNode in = entry.path("input_cost_per_image");
        JsonNode each = in.isNumber() ? in : entry.path("output_cost_per_image");
        if (!each.isNumber() || each.decimalValue().signum() == 0) {
            list.leaveOut(key, "an image's size and quality without a price for one image");
            return;
        }
        String quality = variant.group(1) == null ? "" : ":" + variant.group(1);
        String unit = "images:" + variant.group(2) + "x" + variant.group(3) + quality;
        images.computeIfAbsent(providerOf(entry) + "/" + variant.group(4), k -> new RateTable())
                .put(0, unit, new Digits().perUnit(each, 1, unit));
    }

    /** Whether it is what a talking model must have a price for. */
    static boolean isMain(TokenKind kind) {
        return kind == TokenKind.UNCACHED_INPUT || kind == TokenKind.TEXT_OUTPUT;
    }
}
