package dev.tokenmeter.standalone;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.standalone.demo.Demo;
import dev.tokenmeter.standalone.demo.DemoProvider;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "demo", description = "Everything on this machine, with a demo provider, traffic and a month of data.")
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private Options options;

    @Override
    public Integer call() throws Exception {
        options.logBesideTheData();
        try (DemoProvider provider = new DemoProvider();
                Standalone standalone = options.standalone(providers(provider));
                Demo demo = demo(standalone)) {
            standalone.start();
            demo.start();
            Banner.print(standalone, true);
            standalone.awaitStop();
        }
        return 0;
    }

    private static Demo demo(Standalone standalone) {
        return new Demo(
                standalone.dataFolder().resolve("demo"),
                standalone.gateway(),
                standalone.queryApi(),
                KafkaSettings.from(standalone.settings()),
                PriceBook.shipped());
    }

    private static Map<String, String> providers(DemoProvider provider) {
        return Map.of(
                "providers.openai.base-url",
                provider.openAiBaseUrl(),
                "providers.openai.api-key",
                "demo",
                "providers.anthropic.base-url",
                provider.anthropicBaseUrl(),
                "providers.anthropic.api-key",
                "demo");
    }
}
