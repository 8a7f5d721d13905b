package dev.tokenmeter.queryapi.ingest;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.NameBasedGenerator;
import dev.tokenmeter.schemas.UsageEvent;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * Ids of events whose senders name them: the same call of the same payer has the same id, however often it is sent, and
 * different payers can never meet in one. What decides where an event is kept is part of it (the key's partition in the log; hour,
 * provider and model in the store), so that log, rollups and store agree on what is a copy even of a sender who says
 * different things under one id. Thread-safe.
 */
final class EventIds {
    private final NameBasedGenerator names = Generators.nameBasedGenerator(NameBasedGenerator.NAMESPACE_URL);

    /** @param source who sends it, as the sender says */
    UUID of(UsageEvent.Builder event, String source, String id) {
        return names.generate(String.join(
                "\n",
                event.getTenant(),
                event.getApiKeyId(),
                source,
                id,
                event.getOccurredAt().truncatedTo(ChronoUnit.HOURS).toString(),
                event.getProvider(),
                event.getModel()));
    }
}
