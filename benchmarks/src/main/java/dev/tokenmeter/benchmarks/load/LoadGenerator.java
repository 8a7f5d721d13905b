package dev.tokenmeter.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Carries out one {@link LoadPlan}. Bounded in time and number; for servers on the loopback address only. */
public final class LoadGenerator {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long HIGHEST_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final int MAX_BACKLOG = 20_000;

    private final LoadPlan plan;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private final Histogram latency = new Histogram(HIGHEST_NANOS, 3);
    private final Histogram firstByte = new Histogram(HIGHEST_NANOS, 3);
    private final Deque<Connection> free = new ArrayDeque<>();
    private final Deque<Long> backlog = new ArrayDeque<>();
    private final long deadline;
    private long issued;
    private long answered;
    private long completed;
    private long failed;
    private boolean allIssued;
    private long lastAnswer;

    private LoadGenerator(LoadPlan plan) throws IOException {
        this.plan = plan;
        this.selector = Selector.open();
        this.deadline = System.nanoTime() + plan.duration().toNanos();
    }

    /** Runs a plan to its end. Blocking. */
    public static LoadResult run(LoadPlan plan) {
        try {
            return new LoadGenerator(plan).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LoadResult run() throws IOException {
        int wanted = plan.isOpenLoop() ? Math.min(32, plan.connections()) : plan.connections();
        for (int i = 0; i < wanted; i++) {
            connections.add(new Connection(plan.port(), selector, plan.request()));
        }
        long begun = System.nanoTime();
        lastAnswer = begun;
        if (plan.isOpenLoop()) {
            free.addAll(connections);
            Thread pacer = new Thread(() -> pace(begun), "load-pacer");
            pacer.setDaemon(true);
            pacer.start();
        } else {
            for (Connection connection : connections) {
                sendNext(connection);
            }
        }
        readAll();
        for (Connection connection : connections) {
            connection.close();
        }
        selector.close();
        return new LoadResult(completed, failed, (lastAnswer - begun) / 1e9, latency, firstByte);
    }

    /** Sends at the planned times; what finds no connection waits for one, its clock running. */
    private void pace(long begun) {
        double interval = 1e9 / plan.perSecond();
        try {
            for (long i = 0; i < plan.maxRequests(); i++) {
                long intended = begun + (long) (i * interval);
                for (long now = System.nanoTime(); now < intended; now = System.nanoTime()) {
                    LockSupport.parkNanos(intended - now);
                }
                if (!arrive(intended)) {
                    break;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            synchronized (this) {
                allIssued = true;
            }
            selector.wakeup();
        }
    }

    private boolean arrive(long intended) throws IOException {
        Connection connection;
        synchronized (this) {
            issued++;
            connection = free.poll();
            if (connection == null && connections.size() < plan.connections()) {
                connection = new Connection(plan.port(), selector, plan.request());
                connections.add(connection);
            } else if (connection == null) {
                backlog.add(intended);
                return backlog.size() < MAX_BACKLOG;
            }
        }
        connection.send(intended);
        return true;
    }

    private void readAll() throws IOException {
        while (!isOver()) {
            selector.select(this::ready, 100);
            if (System.nanoTime() > deadline + PATIENCE_NANOS) {
                break;
            }
        }
        synchronized (this) {
            failed += issued - answered;
        }
    }

    private synchronized boolean isOver() {
        boolean none = answered == issued;
        return plan.isOpenLoop() ? allIssued && none : none && !mayIssue();
    }

    private boolean mayIssue() {
        return issued < plan.maxRequests() && System.nanoTime() < deadline;
    }

    private void ready(SelectionKey key) {
        try {
            read((Connection) key.attachment());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Connection connection) throws IOException {
        buffer.clear();
        int count = connection.read(buffer);
        long now = System.nanoTime();
        if (count < 0) {
            boolean broken = connection.isBusy();
            connection.reopen();
            if (broken) {
                finished(connection, false, now);
            }
            return;
        }
        boolean complete = connection.parser.feed(buffer.flip());
        if (connection.takeFirstByte()) {
            firstByte.recordValue(Math.min(HIGHEST_NANOS, now - connection.intended()));
        }
        if (complete) {
            finished(connection, connection.parser.status() == 200, now);
        }
    }

    private void finished(Connection connection, boolean well, long now) throws IOException {
        connection.done();
        lastAnswer = now;
        if (well) {
            completed++;
            latency.recordValue(Math.min(HIGHEST_NANOS, now - connection.intended()));
        } else {
            failed++;
        }
        synchronized (this) {
            answered++;
        }
        if (plan.isOpenLoop()) {
            serveBacklogOrRest(connection);
        } else {
            sendNext(connection);
        }
    }

    private void serveBacklogOrRest(Connection connection) throws IOException {
        Long waiting;
        synchronized (this) {
            waiting = backlog.poll();
            if (waiting == null) {
                free.push(connection);
            }
        }
        if (waiting != null) {
            connection.send(waiting);
        }
    }

    private void sendNext(Connection connection) throws IOException {
        synchronized (this) {
            if (!mayIssue()) {
                return;
            }
            issued++;
        }
        connection.send(System.nanoTime());
    }
}
