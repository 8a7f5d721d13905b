package dev.tokenmeter.service;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole of a service's {@code main}: {@code [--config FILE]}, start, wait for SIGTERM or Ctrl-C, stop gracefully.
 * Exits with 2 on a wrong setting, 1 on any other failure, each with one line that says what to do.
 */
public final class ServiceMain {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);

    private ServiceMain() {}

    /** Runs until the process is told to stop. */
    public static void run(ServiceFactory factory, String[] args) {
        try {
            Settings settings = Settings.load(configFile(factory, args), System.getenv(), Map.of());
            RunningService running = RunningService.start(factory, settings);
            settings.rejectUnknown(factory.sections());
            LOG.info("{} is up; metrics and health on port {}", factory.section(), running.managementPort());
            awaitShutdown(running);
        } catch (SettingException e) {
            System.err.println(factory.section() + ": " + e.getMessage());
            System.exit(2);
        } catch (Exception e) {
            LOG.debug("could not start", e);
            System.err.println(factory.section() + ": could not start: " + e.getMessage());
            System.exit(1);
        }
    }

    private static Path configFile(ServiceFactory factory, String[] args) {
        if (args.length == 0) {
            return null;
        }
        if (args.length == 2 && args[0].equals("--config")) {
            return Path.of(args[1]);
        }
        throw new SettingException("--config", String.join(" ", args), "--config FILE, or nothing");
    }

    private static void awaitShutdown(RunningService running) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            running.close();
                            closed.countDown();
                        },
                        "shutdown"));
        closed.await();
    }
}
