package dev.tokenmeter.standalone.cli;

import dev.tokenmeter.alerting.ReceiverTrial;
import dev.tokenmeter.service.Settings;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether people can be told of alerts. Exits with 0, or 1 where the receiver did not take the test. */
@Command(
        name = "alerts",
        description = "Tries how people are told of alerts; docs/alerts.md says how that is set up.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class AlertsCommand {
    @Command(name = "test", description = "Sends a test to a receiver, from here, and prints what it answered.")
    int test(
            @Parameters(paramLabel = "RECEIVER", description = "As under alerting.receivers.") String receiver,
            @Option(names = "--config", paramLabel = "FILE", description = "Settings, YAML.") Path config,
            @Option(names = "--resolved", description = "Say that the test is over: it closes an incident.")
                    boolean resolved)
            throws InterruptedException {
        Settings settings = Settings.load(config, System.getenv(), Map.of());
        ReceiverTrial.Result result = ReceiverTrial.send(settings, receiver, resolved);
        System.out.println(
                (result.delivered() ? "Delivered to " : "NOT delivered to ") + receiver + ": " + result.said());
        return result.delivered() ? 0 : 1;
    }
}
