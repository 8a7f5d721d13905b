package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;

/** Delivers to all receivers. Start and close from one thread. */
public final class Deliveries implements AutoCloseable {
    private final List<Receiver> receivers;
    private final KafkaSettings kafka;
    private final MeterRegistry meters;
    private List<ReceiverWorker> workers = List.of();
    private DeadLetterWriter deadLetters;

    /** Connects to nothing. */
    public Deliveries(List<Receiver> receivers, KafkaSettings kafka, MeterRegistry meters) {
        this.receivers = List.copyOf(receivers);
        this.kafka = kafka;
        this.meters = meters;
    }

    /** Starts their threads; the topic must be there. */
    public void start() {
        if (receivers.isEmpty()) {
            return;
        }
        Clock clock = Clock.systemUTC();
        deadLetters = new DeadLetterWriter("alerting", kafka, meters);
        workers = receivers.stream()
                .map(receiver -> new ReceiverWorker(
                        receiver, kafka, deadLetters, new DeliveryMetrics(meters, receiver.name(), clock), clock))
                .toList();
        workers.forEach(ReceiverWorker::start);
    }

    @Override
    public void close() {
        workers.parallelStream().forEach(ReceiverWorker::close);
        if (deadLetters != null) {
            deadLetters.close();
        }
    }
}
