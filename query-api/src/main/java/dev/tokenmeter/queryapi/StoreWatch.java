package dev.tokenmeter.queryapi;

import dev.tokenmeter.service.Health;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks ClickHouse now and then whether it is there, so that health need not block. */
final class StoreWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final ClickHouse clickHouse;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "store-watch");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Health.Status status = Health.Status.down("not yet asked");

    StoreWatch(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    void start() {
        timer.scheduleWithFixedDelay(this::ask, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    Health.Status status() {
        return status;
    }

    private void ask() {
        try {
            clickHouse.ping();
            status = Health.Status.ok();
        } catch (SQLException | RuntimeException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            status = Health.Status.down(clickHouse.config() + " does not answer: " + reason);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
