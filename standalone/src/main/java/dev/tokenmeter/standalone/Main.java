package dev.tokenmeter.standalone;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.standalone.cli.AlertsCommand;
import dev.tokenmeter.standalone.cli.BillsCommand;
import dev.tokenmeter.standalone.cli.DeadLettersCommand;
import dev.tokenmeter.standalone.cli.PricesCommand;
import dev.tokenmeter.standalone.cli.RebuildCommand;
import dev.tokenmeter.standalone.cli.ReconcileCommand;
import dev.tokenmeter.standalone.cli.RepriceCommand;
import dev.tokenmeter.standalone.cli.WhatIfCommand;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exits with 2 on bad input, 1 on any other failure, each with one message that says what to do. */
@Command(
        name = "tokenmeter",
        description = "What your LLM traffic costs, while it happens.",
        mixinStandardHelpOptions = true,
        version = "0.1.0",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            StatusCommand.class,
            RepriceCommand.class,
            PricesCommand.class,
            WhatIfCommand.class,
            BillsCommand.class,
            ReconcileCommand.class,
            AlertsCommand.class,
            DeadLettersCommand.class,
            RebuildCommand.class
        })
public final class Main {
    private Main() {}

    /** Runs a command; see {@code --help}. */
    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> report(failure));
        System.exit(commandLine.execute(args));
    }

    private static int report(Exception failure) {
        boolean expected = failure instanceof SettingException || failure instanceof IllegalStateException;
        if (!expected) {
            LoggerFactory.getLogger(Main.class).error("ended by a failure", failure);
        }
        System.err.println("tokenmeter: " + (expected ? failure.getMessage() : "could not start: " + failure));
        return failure instanceof SettingException ? 2 : 1;
    }
}
