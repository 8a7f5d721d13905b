package dev.tokenmeter.standalone;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.standalone.demo.DemoProvider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/** The whole product on free ports and a folder of its own, with the demo provider as every upstream. */
final class RunningStandalone implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final DemoProvider provider = new DemoProvider();
    final Standalone standalone;
    final int portOffset;

    RunningStandalone(Path data) throws Exception {
        this(data, freePortOffset());
    }

    RunningStandalone(Path data, int portOffset) throws Exception {
        this(data, portOffset, Map.of());
    }

    /** @param settings of the test's own */
    RunningStandalone(Path data, int portOffset, Map<String, String> settings) throws Exception {
        this.portOffset = portOffset;
        Map<String, String> all = new HashMap<>(Map.of(
                "providers.openai.base-url",
                provider.openAiBaseUrl(),
                "providers.openai.api-key",
                "upstream-secret",
                "providers.anthropic.base-url",
                provider.anthropicBaseUrl(),
                "providers.anthropic.api-key",
                "upstream-secret"));
        all.putAll(settings);
        standalone =
                new Standalone(null, Map.of(), data, portOffset, all, new PrintStream(OutputStream.nullOutputStream()));
        try {
            standalone.start();
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    static Path newFolder() {
        try {
            return Files.createTempDirectory("tokenmeter-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePortOffset() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int offset = ThreadLocalRandom.current().nextInt(10_000, 22_000);
            if (List.of(8080, 8081, 8090, 8123, 9092, 9101, 9102, 9103, 9104, 9105).stream()
                    .allMatch(port -> isFree(port + offset))) {
                return offset;
            }
        }
        throw new IllegalStateException("no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    KafkaSettings kafka() {
        return KafkaSettings.from(standalone.settings());
    }

    JsonObject get(String path) {
        return send("GET", path, null);
    }

    JsonObject put(String path, JsonObject body) {
        return send("PUT", path, body);
    }

    JsonArray data(String path) {
        return get(path).getJsonArray("data");
    }

    JsonObject send(String method, String path, JsonObject body) {
        URI uri = standalone.queryApi().resolve(path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("content-type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new AssertionError(method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return new JsonObject(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The secret of a new virtual key, once the gateway knows it. */
    String newKey(String tenant) {
        return newKey(tenant, List.of());
    }

    String newKey(String tenant, List<String> operations) {
        JsonObject key = new JsonObject()
                .put("tenant", tenant)
                .put("name", "test")
                .put("allowed_operations", new JsonArray(operations));
        JsonObject made = send("POST", "/api/v1/keys", key);
        String secret = made.getJsonObject("data").getString("secret");
        await("the gateway knows the new key", () -> {
            HttpRequest models = HttpRequest.newBuilder(URI.create(standalone.gateway() + "/openai/v1/models"))
                    .header("authorization", "Bearer " + secret)
                    .build();
            return HTTP.send(models, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        });
        return secret;
    }

    <T extends IndexedRecord> KafkaProducer<String, T> producer() {
        return new KafkaProducer<>(kafka().producer("test"));
    }

    /** All records of a topic from the beginning, as they are now, but for those that another test put there as poison. */
    <T extends IndexedRecord> List<T> read(Topics topic) {
        List<T> records = new ArrayList<>();
        try (Deserializer<T> values = kafka().valueDeserializer();
                KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                        kafka().consumer(null), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() == null) {
                        continue; // a tombstone, or a rebuild's cut
                    }
                    try {
                        records.add(values.deserialize(record.topic(), record.value()));
                    } catch (SerializationException poison) {
                        // It is in the topic for good.
                    }
                }
            }
        }
        return records;
    }

    /** A condition that may throw, which counts as not yet. */
    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(String what, Condition condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(condition::holds);
    }

    @Override
    public void close() {
        standalone.close();
        provider.close();
    }
}
