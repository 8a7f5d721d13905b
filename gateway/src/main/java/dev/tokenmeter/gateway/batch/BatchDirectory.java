package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.service.topics.CatchingUpView;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The batches that are known, the latest of them up to a bound. Thread-safe. */
public final class BatchDirectory extends CatchingUpView<Batch> {
    private final int max;
    private final Map<String, Batch> batches = new LinkedHashMap<>();
    private final Map<String, String> keysByFile = new HashMap<>();

    /** @param max how many are known at once; beyond it the oldest is forgotten */
    public BatchDirectory(int max) {
        this.max = max;
    }

    /** What a batch stands under, here and in the topic. */
    public static String key(Batch batch) {
        return key(batch.getProvider(), batch.getBatchId());
    }

    private static String key(String provider, String id) {
        return provider + '/' + id;
    }

    synchronized Optional<Batch> byId(String provider, String id) {
        return Optional.ofNullable(batches.get(key(provider, id)));
    }

    synchronized Optional<Batch> byFile(String provider, String file) {
        return Optional.ofNullable(keysByFile.get(key(provider, file))).map(batches::get);
    }

    @Override
    public synchronized void put(String key, Batch batch) {
        remove(key);
        batches.put(key, batch);
        batch.getFileIds().forEach(file -> keysByFile.put(key(batch.getProvider(), file), key));
        if (batches.size() > max) {
            Iterator<String> oldest = batches.keySet().iterator();
            remove(oldest.next());
        }
    }

    @Override
    public synchronized void remove(String key) {
        Batch removed = batches.remove(key);
        if (removed != null) {
            removed.getFileIds().forEach(file -> keysByFile.remove(key(removed.getProvider(), file), key));
        }
    }

    @Override
    public synchronized int size() {
        return batches.size();
    }
}
