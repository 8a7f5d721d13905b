package dev.tokenmeter.gateway.key;

import dev.tokenmeter.gateway.dialect.Access;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.limit.Limits;
import dev.tokenmeter.schemas.ApiKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a virtual key may be used for, made ready once for many calls. Immutable. */
public final class KeyPolicy {
    private static final String UNBILLED = "unbilled";
    /** Every operation but those on what providers keep. */
    private static final String ALL = "*";

    /** Everything is allowed: callers with a provider's key of their own, of whose data they see what that key may. */
    public static final KeyPolicy UNRESTRICTED = new KeyPolicy(
            List.of(),
            List.of(ALL, Access.Reach.FILES.label(), Access.Reach.STORED.label()),
            List.of(),
            Map.of(),
            Limits.NONE);

    private static final int MAX_SHOWN = 100;
    private static final int MAX_MODEL_CHARS = 256;

    private final List<String> providers;
    private final List<String> operations;
    private final List<String> models;
    private final Set<Pattern> modelPatterns;
    private final Map<String, String> providerKeys;
    private final Limits limits;

    private KeyPolicy(
            List<String> providers,
            List<String> operations,
            List<String> models,
            Map<String, String> providerKeys,
            Limits limits) {
        this.providers = List.copyOf(providers);
        this.operations = List.copyOf(operations);
        this.models = List.copyOf(models);
        this.modelPatterns = models.stream().map(KeyPolicy::pattern).collect(Collectors.toUnmodifiableSet());
        this.providerKeys = Map.copyOf(providerKeys);
        this.limits = limits;
    }

    /** The policy of a key. */
    public static KeyPolicy of(ApiKey key) {
        return new KeyPolicy(
                key.getAllowedProviders(),
                key.getAllowedOperations(),
                key.getAllowedModels(),
                key.getProviderKeys(),
                new Limits(key.getApiKeyId(), key.getRequestsPerMinute(), key.getTokensPerMinute()));
    }

    private static Pattern pattern(String model) {
        return Pattern.compile(
                Arrays.stream(model.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    /**
     * Why the key may not be used there.
     *
     * @param operation null for a call that bills nothing
     */
    public Optional<Denial> denies(String provider, Operation operation) {
        return denies(provider, operation, Access.Reach.NOTHING);
    }

    /**
     * Why the key may not be used there. What a provider keeps is shared by all whose calls go out with one of its keys, so it
     * takes a word of its own, also where everything else is allowed.
     *
     * @param operation null for a call that bills nothing
     * @param reach how far it reaches into what may be another's
     */
    public Optional<Denial> denies(String provider, Operation operation, Access.Reach reach) {
        boolean shared = reach != Access.Reach.NOTHING;
        if (!providers.isEmpty() && !providers.contains(provider)) {
            return denial("provider_not_allowed", "with provider " + provider, providers);
        } else if (shared && !operations.contains(reach.label())) {
            return Optional.of(deniesShared(reach.label()));
        }
        String label = operation == null ? UNBILLED : operation.label();
        boolean named = shared && operation == null || operations.isEmpty() || operations.contains(label);
        return named || operations.contains(ALL)
                ? Optional.empty()
                : denial("operation_not_allowed", "for operation " + label, operations);
    }

    private static Denial deniesShared(String label) {
        return new Denial(
                "operation_not_allowed",
                "This key may not be used for operation " + label
                        + ": what the provider keeps is shared by all whose calls"
                        + " go out with its key, and this is not known to be a batch or response of this key's tenant. To"
                        + " allow it, add '" + label
                        + "' to the key's allowed_operations ('*' stands for all others).");
    }

    /** Whether {@link #deniesModel} depends on what a request says. */
    public boolean restrictsModels() {
        return !models.isEmpty();
    }

    /**
     * Why the key may not be used for what a request asks for. A request whose model cannot be told is denied.
     *
     * @param inPath the model that the path names, which then counts alone; null when it names none
     * @param body gives the request's JSON; null when it was not read
     */
    public Optional<Denial> deniesModel(String inPath, Supplier<byte[]> body) {
        if (!restrictsModels()) {
            return Optional.empty();
        }
        Optional<List<String>> named = inPath == null ? NamedModels.in(body.get()) : Optional.of(List.of(inPath));
        if (named.isEmpty() || named.get().isEmpty()) {
            return deniesUnseenModel();
        }
        return named.get().stream()
                .filter(model -> !allows(model))
                .findFirst()
                .flatMap(model -> denial("model_not_allowed", "with model '" + shown(model) + "'", models));
    }

    /** Why the key may not be used for a request whose models cannot be seen. */
    public Optional<Denial> deniesUnseenModel() {
        return restrictsModels()
                ? denial("model_not_allowed", "for a request whose model the gateway cannot see", models)
                : Optional.empty();
    }

    private boolean allows(String model) {
        return model.length() <= MAX_MODEL_CHARS
                && modelPatterns.stream()
                        .anyMatch(pattern -> pattern.matcher(model).matches());
    }

    private static String shown(String model) {
        return model.length() <= MAX_SHOWN ? model : model.substring(0, MAX_SHOWN) + "…";
    }

    private static Optional<Denial> denial(String code, String what, List<String> allowed) {
        return Optional.of(new Denial(
                code, "This key may not be used " + what + "; allowed: " + String.join(", ", allowed) + "."));
    }

    /** What it may use a minute. */
    public Limits limits() {
        return limits;
    }

    /** The id of the operator's key that calls to a provider go out with; null for whichever the provider has. */
    public String providerKey(String provider) {
        return providerKeys.get(provider);
    }
}
