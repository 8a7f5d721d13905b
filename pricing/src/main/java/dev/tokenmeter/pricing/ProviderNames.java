package dev.tokenmeter.pricing;

import java.util.Map;

/**
 * What configured names mean in the catalogue.
 *
 * @param providers catalogue's name of a provider by its configured one ({@code azure-eu} is {@code azure})
 * @param models model by configured provider and name: what a deployment runs. An answer usually names the model itself;
 *     this is for those that do not, and for prices before there is an answer
 */
public record ProviderNames(Map<String, String> providers, Map<String, Map<String, String>> models) {
    /** Names mean themselves. */
    public static final ProviderNames NONE = new ProviderNames(Map.of(), Map.of());

    public ProviderNames {
        providers = Map.copyOf(providers);
        models = Map.copyOf(models);
    }

    String provider(String configured) {
        return providers.getOrDefault(configured, configured);
    }

    String model(String provider, String model) {
        Map<String, String> known = models.get(provider);
        return known == null ? model : known.getOrDefault(model, model);
    }
}
