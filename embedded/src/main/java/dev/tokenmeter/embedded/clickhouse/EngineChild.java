package dev.tokenmeter.embedded.clickhouse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of the engine's process: from its start to its end. */
final class EngineChild {
    private static final Logger LOG = LoggerFactory.getLogger("dev.tokenmeter.embedded.clickhouse.engine");

    private final Process process;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private volatile String lastLine = "";

    EngineChild(EngineCommand command) {
        try {
            process = command.builder().start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot start the process of the ClickHouse engine", e);
        }
        Thread reader = new Thread(this::forwardOutput, "clickhouse-engine-log");
        reader.setDaemon(true);
        reader.start();
    }

    /** Waits until it serves; false if it ended, or did not get there in time. */
    boolean awaitReady(Duration patience) throws InterruptedException {
        try {
            return ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    /** Waits for its end. */
    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    long pid() {
        return process.pid();
    }

    /** The last that it said, for an error message. */
    String lastLine() {
        return lastLine;
    }

    /** Asks it to end, as the death of this process would, and makes it do so if it does not. */
    void stop(Duration patience) throws InterruptedException {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // Then it has ended.
        }
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the ClickHouse engine does not end by itself; killing it");
            kill();
        }
    }

    /** {@code kill -9}, and waits for it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** {@code kill -9}, without waiting. */
    void destroy() {
        process.destroyForcibly();
    }

    private void forwardOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                forward(line);
            }
        } catch (IOException e) {
            LOG.debug("the engine's output broke off", e);
        }
        ready.complete(false);
    }

    private void forward(String line) {
        if (line.startsWith(ClickHouseEngineMain.READY)) {
            ready.complete(true);
            return;
        }
        lastLine = line;
        if (line.startsWith("DEBUG ") || line.startsWith("INFO ")) {
            LOG.info("{}", line);
        } else {
            LOG.warn("{}", line);
        }
    }
}
