package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.SettingException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {
    private static final int EVENTS = 3_000;

    private final Instant from = Instant.now().minusSeconds(7200);

    @TempDir
    private Path folder;

    @Test
    void whatWasCountedIsStillThereAfterAStopAndTheEngineMayDieInBetween() throws Exception {
        Path data = folder.resolve("data");
        BigDecimal cost;
        try (RunningStandalone product = new RunningStandalone(data)) {
            cost = sendWhileTheEngineDies(product);
            awaitAll(product, cost);
            assertThatThrownBy(() -> new RunningStandalone(data))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("is used by a Tokenmeter that runs already (process "
                            + ProcessHandle.current().pid());
        }
        try (RunningStandalone again = new RunningStandalone(data)) {
            awaitAll(again, cost);
        }
    }

    private static BigDecimal sendWhileTheEngineDies(RunningStandalone product) throws Exception {
        Random random = new Random(7);
        BigDecimal cost = BigDecimal.ZERO;
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (int i = 0; i < EVENTS; i++) {
                UsageEvent event = TestEvents.event("restart", i % 5, Instant.now(), random);
                cost = cost.add(event.getCostUsd());
                producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
                if (i % 1_000 == 500) {
                    producer.flush();
                    Thread.sleep(300);
                    product.standalone.clickHouse().kill();
                }
            }
        }
        return cost;
    }

    private void awaitAll(RunningStandalone product, BigDecimal cost) {
        String path = "/api/v1/usage?tenant=restart&metrics=cost_usd,requests&from=" + from;
        await("every event once", () -> {
            var row = product.data(path).getJsonObject(0);
            return row.getLong("requests") == EVENTS && new BigDecimal(row.getString("cost_usd")).compareTo(cost) == 0;
        });
        await(
                "an exact ledger",
                () -> product.get("/api/v1/ledger-check?tenant=restart")
                        .getJsonObject("data")
                        .getBoolean("exact"));
    }

    @Test
    void aPortInUseIsNamedBeforeAnythingStarts() throws IOException {
        int offset = RunningStandalone.freePortOffset();
        try (ServerSocket taken = new ServerSocket(9092 + offset, 1, InetAddress.getLoopbackAddress());
                Standalone standalone = standalone(folder.resolve("ports"), offset)) {
            assertThat(taken.isBound()).isTrue();
            assertThatThrownBy(standalone::start)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("port " + (9092 + offset) + " for Kafka is in use")
                    .hasMessageContaining("--port-offset");
        }
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (Standalone standalone = standalone(file.resolve("data"), 0)) {
            assertThatThrownBy(standalone::start)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining(file.resolve("data") + " cannot be written");
        }
    }

    private static Standalone standalone(Path data, int offset) {
        return new Standalone(null, Map.of(), data, offset, Map.of(), new PrintStream(OutputStream.nullOutputStream()));
    }
}
