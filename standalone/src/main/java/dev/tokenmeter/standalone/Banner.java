package dev.tokenmeter.standalone;

/** What a person reads once everything runs. */
final class Banner {
    private Banner() {}

    static void print(Standalone standalone, boolean demo) {
        String gateway = standalone.gateway().toString();
        System.out.println("""

                Tokenmeter runs.

                  Dashboard   %s
                  REST API    %s/api/v1/usage
                  Gateway     %s/openai/v1   %s/anthropic   %s/deepseek
                  Data, logs  %s

                Try one call:

                  curl %s/openai/v1/chat/completions \\
                    -H "Authorization: Bearer %s" -H "Content-Type: application/json" \\
                    -H 'X-Tokenmeter-Tags: {"team":"me","feature":"first-call"}' \\
                    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'

                Ctrl-C stops it; the data stays.
                """.formatted(
                        standalone.queryApi(),
                        standalone.queryApi(),
                        gateway,
                        gateway,
                        gateway,
                        standalone.dataFolder(),
                        gateway,
                        demo ? "demo" : "$OPENAI_API_KEY"));
    }
}
