package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetScope;
import java.util.function.Supplier;

/**
 * What a verdict depends on.
 *
 * @param attribution whom the call is charged to
 * @param virtual whether it came with a key of the gateway's own
 * @param provider whom it would go to
 * @param region region that the provider is set to bill by; null for none
 * @param model as requested; null where that cannot be told
 * @param modelInBody whether the model stands in a body that can be edited, so that another can be put in its place
 * @param body gives the request; null when it was not read
 */
public record Asked(
        Attribution attribution,
        boolean virtual,
        String provider,
        String region,
        Operation operation,
        String model,
        boolean modelInBody,
        Supplier<byte[]> body) {
    String tenant() {
        return attribution.tenant();
    }

    Asked withModel(String other) {
        return new Asked(attribution, virtual, provider, region, operation, other, false, body);
    }

    /** The call's value of a dimension; null for none. */
    String valueOf(String dimension) {
        return switch (dimension) {
            case "api_key_id" -> attribution.apiKeyId();
            case "provider" -> provider;
            case BudgetDimensions.MODEL -> model;
            case "operation" -> operation.label();
            case "end_user" -> attribution.endUser();
            default -> attribution.tags().get(dimension.substring(BudgetDimensions.TAG_PREFIX.length()));
        };
    }

    /** Whether it names a model in a way that is not understood; then it may be any. */
    boolean isModelUnknown() {
        return model == null && operation.takesText();
    }

    /** Whether the call may count against a budget of this scope. */
    boolean mayConcern(BudgetScope scope) {
        boolean any = isModelUnknown();
        return scope.mayCover(dimension ->
                any && dimension.equals(BudgetDimensions.MODEL) ? scope.values().get(dimension) : valueOf(dimension));
    }
}
