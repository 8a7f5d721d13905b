package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.BatchHead;
import dev.tokenmeter.gateway.dialect.BatchStep;
import dev.tokenmeter.schemas.Batch;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Who pays for which batch: its submitter, or, of one that was submitted past the gateways, the first who fetches its
 * output. What this gateway learns the others learn by the log. Thread-safe.
 */
public final class Batches {
    private final BatchDirectory directory;
    private final BatchLog log;
    private final Clock clock;

    /** @param directory also fed by whatever follows the log */
    public Batches(BatchDirectory directory, BatchLog log, Clock clock) {
        this.directory = directory;
        this.log = log;
        this.clock = clock;
    }

    /** Takes note of a batch that was just submitted. */
    public void submitted(String provider, BatchHead head, Attribution by) {
        if (directory.byId(provider, head.id()).isEmpty()) {
            keep(batch(provider, head.id(), by, head.submittedAt(), head.fileIds()));
        }
    }

    /** Takes note of the files of a batch, if it is known. */
    public void told(String provider, BatchHead head) {
        directory.byId(provider, head.id()).ifPresent(known -> {
            TreeSet<String> files = new TreeSet<>(known.getFileIds());
            if (files.addAll(head.fileIds())) {
                keep(Batch.newBuilder(known).setFileIds(new ArrayList<>(files)).build());
            }
        });
    }

    /** Whether a batch is known to be a tenant's, or a file to hold its output. */
    public boolean isOf(String tenant, String provider, String id) {
        return directory
                .byId(provider, id)
                .or(() -> directory.byFile(provider, id))
                .filter(batch -> batch.getTenant().equals(tenant))
                .isPresent();
    }

    /** The batch whose output a call fetches; empty when it is not known. */
    public Optional<Batch> find(String provider, BatchStep step) {
        return step.kind() == BatchStep.Kind.FILE
                ? directory.byFile(provider, step.id())
                : directory.byId(provider, step.id());
    }

    /** The same; one that is not known is from now on the caller's. */
    public Batch findOrClaim(String provider, BatchStep step, Attribution caller) {
        return find(provider, step).orElseGet(() -> {
            boolean file = step.kind() == BatchStep.Kind.FILE;
            Batch claimed = batch(
                    provider,
                    file ? "file/" + step.id() : step.id(),
                    caller,
                    null,
                    file ? List.of(step.id()) : List.of());
            keep(claimed);
            return claimed;
        });
    }

    private Batch batch(String provider, String id, Attribution by, Instant at, List<String> files) {
        return Batch.newBuilder()
                .setProvider(provider)
                .setBatchId(id)
                .setTenant(by.tenant())
                .setApiKeyId(by.apiKeyId())
                .setTags(by.tags())
                .setEndUser(by.endUser())
                .setTraceId(by.traceId())
                .setSubmittedAt(at == null ? clock.instant().truncatedTo(ChronoUnit.MICROS) : at)
                .setFileIds(files)
                .build();
    }

    private void keep(Batch batch) {
        directory.put(BatchDirectory.key(batch), batch);
        log.write(batch);
    }
}
