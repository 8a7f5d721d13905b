package dev.tokenmeter.standalone;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "run", description = "Everything on this machine, for real providers and your own keys.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private Options options;

    @Override
    public Integer call() throws Exception {
        options.logBesideTheData();
        try (Standalone standalone = options.standalone(Map.of())) {
            standalone.start();
            Banner.print(standalone, false);
            standalone.awaitStop();
        }
        return 0;
    }
}
