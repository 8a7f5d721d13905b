package dev.tokenmeter.storage.sink;

import dev.tokenmeter.service.Health;
import java.time.Instant;

/** What health shows of the sink. Written by its thread, read by others. */
final class SinkState {
    private volatile Health.Status readiness = Health.Status.down("not yet started");
    private volatile Health.Status liveness = Health.Status.ok();

    void working() {
        readiness = Health.Status.ok();
    }

    void stalled(String reason, Instant since) {
        readiness = Health.Status.down(reason + ", since " + since);
    }

    void dead(String reason) {
        readiness = Health.Status.down(reason);
        liveness = Health.Status.down(reason);
    }

    Health.Status readiness() {
        return readiness;
    }

    Health.Status liveness() {
        return liveness;
    }
}
