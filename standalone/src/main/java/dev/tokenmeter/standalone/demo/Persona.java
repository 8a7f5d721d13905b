package dev.tokenmeter.standalone.demo;

import java.util.List;
import java.util.Map;

/**
 * One kind of call in the demo.
 *
 * @param weight how often it is made, against the others
 * @param inputTokens of a typical call
 * @param cachedTokens read from the cache, Anthropic only
 * @param outputTokens of a typical call
 */
record Persona(
        String tenant,
        String team,
        String feature,
        String environment,
        String provider,
        String model,
        boolean streamed,
        int weight,
        int inputTokens,
        int cachedTokens,
        int outputTokens) {

    static final List<String> TENANTS = List.of("acme", "globex", "initech");

    static final List<Persona> ALL = List.of(
            openAi("acme", "growth", "chatbot", "gpt-4o", true, 10, 900, 350),
            openAi("acme", "growth", "onboarding", "gpt-4o-mini", false, 8, 600, 200),
            openAi("acme", "support", "ticket-summary", "gpt-4.1", false, 6, 1_800, 300),
            anthropic("acme", "support", "agent-assist", "claude-sonnet-4-5", true, 6, 700, 2_000, 450),
            openAi("acme", "platform", "search", "text-embedding-3-small", false, 12, 700, 0),
            anthropic("globex", "legal", "contract-review", "claude-sonnet-4-5", false, 4, 2_500, 4_000, 900),
            anthropic("globex", "legal", "clause-lookup", "claude-haiku-4-5", true, 5, 800, 1_000, 150),
            openAi("globex", "research", "literature", "o4-mini", false, 3, 1_500, 1_200),
            openAi("initech", "tooling", "code-review", "gpt-5", true, 5, 2_000, 700),
            openAi("initech", "tooling", "commit-messages", "gpt-5-mini", false, 8, 500, 60));

    private static Persona openAi(
            String tenant, String team, String feature, String model, boolean streamed, int weight, int in, int out) {
        return new Persona(tenant, team, feature, "production", "openai", model, streamed, weight, in, 0, out);
    }

    private static Persona anthropic(
            String tenant,
            String team,
            String feature,
            String model,
            boolean streamed,
            int weight,
            int in,
            int cached,
            int out) {
        return new Persona(tenant, team, feature, "production", "anthropic", model, streamed, weight, in, cached, out);
    }

    Map<String, String> tags() {
        return Map.of("team", team, "feature", feature, "environment", environment);
    }

    boolean isEmbedding() {
        return model.startsWith("text-embedding");
    }
}
