package dev.tokenmeter.queryapi.reprice;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** One run of re-pricing, and how far it is. Written by the thread that runs it, read by any. */
final class RepriceJob {
    enum State {
        WAITING,
        RUNNING,
        DONE,
        FAILED
    }

    /** A provider's model. */
    record Model(String provider, String name) implements Comparable<Model> {
        @Override
        public int compareTo(Model other) {
            int byProvider = provider.compareTo(other.provider);
            return byProvider != 0 ? byProvider : name.compareTo(other.name);
        }
    }

    private static final int MAX_MODELS = 1_000;
    private static final Model OTHERS = new Model("", "others");

    private final String id;
    private final Repricing asked;
    private final Instant askedAt;
    private final Map<Model, ModelTotals> byModel = new TreeMap<>();
    private State state = State.WAITING;
    private long total;
    private long done;
    private long keptWithoutPrice;
    private String failure;

    RepriceJob(String id, Repricing asked, Instant askedAt) {
        this.id = id;
        this.asked = asked;
        this.askedAt = askedAt;
    }

    String id() {
        return id;
    }

    Repricing asked() {
        return asked;
    }

    Instant askedAt() {
        return askedAt;
    }

    synchronized void running(long events) {
        state = State.RUNNING;
        total = events;
    }

    synchronized void add(String provider, String model, ModelTotals totals) {
        done++;
        Model key = new Model(provider, model);
        boolean shown = byModel.containsKey(key) || byModel.size() < MAX_MODELS;
        byModel.merge(shown ? key : OTHERS, totals, ModelTotals::plus);
    }

    /** An event that has a cost, and no price any more, keeps its cost. */
    synchronized void keptWithoutPrice() {
        keptWithoutPrice++;
    }

    synchronized void done() {
        state = State.DONE;
    }

    synchronized void failed(String message) {
        state = State.FAILED;
        failure = message;
    }

    /** How it stands. */
    synchronized Progress progress() {
        return new Progress(state, total, done, keptWithoutPrice, new TreeMap<>(byModel), failure);
    }

    /**
     * How a job stands.
     *
     * @param total events that there are to look at
     * @param done events looked at
     * @param failure what went wrong; null if nothing did
     */
    record Progress(
            State state,
            long total,
            long done,
            long keptWithoutPrice,
            Map<Model, ModelTotals> byModel,
            String failure) {
        ModelTotals sum() {
            return byModel.values().stream().reduce(ModelTotals.NONE, ModelTotals::plus);
        }

        boolean ended() {
            return state == State.DONE || state == State.FAILED;
        }
    }
}
