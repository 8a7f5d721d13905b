package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.load.Requests;
import dev.tokenmeter.benchmarks.target.BareProxy;
import dev.tokenmeter.benchmarks.target.FixedUpstream;
import dev.tokenmeter.benchmarks.target.KafkaForGateway;
import dev.tokenmeter.gateway.GatewayMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** Starts the upstream and the contenders, each with a process of its own, and ends them. */
final class Lab implements AutoCloseable {
    static final int STREAM_CHUNKS = 20;
    static final int STREAM_DELAY_MS = 5;

    /** The same for all JVMs, so that none has more to spend than another. */
    private static final List<String> JVM = List.of("-Xms512m", "-Xmx512m", "-XX:+UseG1GC");

    private static final String SECRET = "tm-benchmark-0123456789abcdef";
    private static final String PEER_KEY = "sk-3f1c9a7be24d48b0a6f55d0c8e7b19427d60c2f4ab8e1395";
    private static final String CHAT = "/v1/chat/completions";
    private static final long PATIENCE_NANOS = 90_000_000_000L;

    private final Options options;
    private final Path data;
    private final Deque<Child> children = new ArrayDeque<>();
    private final int upstreamPort = freePort();
    private String bootstrapServers;
    private Child kafka;

    Lab(Options options) {
        this.options = options;
        try {
            Files.createDirectories(options.logs());
            data = Files.createTempDirectory(options.logs(), "data-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Child started(Child child) {
        children.push(child);
        return child;
    }

    private Child java(String name, Class<?> main, Object... args) {
        return started(Child.java(name, options.logs(), JVM, main, args));
    }

    /** The upstream itself: what no proxy can beat. */
    Contender direct() {
        Child child = java("upstream", FixedUpstream.class, upstreamPort, STREAM_CHUNKS, STREAM_DELAY_MS);
        child.awaitReady();
        return contender("direct", child, upstreamPort, CHAT, Map.of("authorization", "Bearer sk-benchmark"));
    }

    Contender bareProxy() {
        int port = freePort();
        Child child = java("bare-proxy", BareProxy.class, port, upstreamPort);
        child.awaitReady();
        return contender("bare proxy", child, port, CHAT, Map.of("authorization", "Bearer sk-benchmark"));
    }

    /** With a virtual key, tags, a hard budget, its outbox, and a broker and registry in a process of their own. */
    Contender gateway() {
        kafka = java("kafka", KafkaForGateway.class, data.resolve("kafka"), SECRET);
        String[] addresses = kafka.awaitReady();
        bootstrapServers = addresses[0];
        int port = freePort();
        int management = freePort();
        Path config = write("gateway.yaml", gatewaySettings(port, management, addresses));
        Child child = java("gateway", GatewayMain.class, "--config", config);
        awaitHttp(child, "http://127.0.0.1:" + management + "/health/ready");
        return contender(
                "gateway",
                child,
                port,
                "/openai" + CHAT,
                Map.of(
                        "authorization",
                        "Bearer " + SECRET,
                        "x-tokenmeter-tags",
                        "{\"feature\":\"chatbot\",\"customer\":\"acme\"}",
                        "traceparent",
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    }

    /** An upload to the gateway. */
    static byte[] upload(Contender gateway, int size) {
        Map<String, String> headers = Map.of("authorization", "Bearer " + SECRET);
        return Requests.upload(gateway.port(), "/openai/v1/audio/transcriptions", size, headers);
    }

    /** Asks the gateway for the output of a batch, with a key of the provider's own: virtual keys see their own batches. */
    static byte[] batchOutput(Contender gateway) {
        Map<String, String> headers = Map.of("authorization", "Bearer sk-benchmark");
        return Requests.get(gateway.port(), "/openai/v1/files/file-benchmark/content", headers);
    }

    private String gatewaySettings(int port, int management, String... addresses) {
        StringBuilder yaml = new StringBuilder(
                """
                gateway.port: %d
                gateway.management.port: %d
                gateway.gateway-id: benchmark
                gateway.outbox.dir: %s
                providers.openai.base-url: http://127.0.0.1:%d/v1
                providers.openai.api-key: sk-benchmark
                kafka.bootstrap.servers: %s
                kafka.schema.registry.url: %s
                """.formatted(port, management, data.resolve("outbox"), upstreamPort, addresses[0], addresses[1]));
        for (String setting : options.settings()) {
            yaml.append(setting.replaceFirst("=", ": ")).append('\n');
        }
        return yaml.toString();
    }

    /** Portkey's gateway; null when its package is not there. */
    Contender portkey() {
        Path script = options.node() == null
                ? null
                : options.node().resolve("node_modules/@portkey-ai/gateway/build/start-server.js");
        if (script == null || !Files.exists(script)) {
            return null;
        }
        int port = freePort();
        Child child = started(Child.start(
                "portkey",
                options.logs(),
                Map.of("NODE_ENV", "production"),
                List.of("node", script.toString(), "--port=" + port, "--headless")));
        awaitHttp(child, "http://127.0.0.1:" + port + "/");
        return contender(
                "portkey",
                child,
                port,
                CHAT,
                Map.of(
                        "authorization",
                        "Bearer sk-benchmark",
                        "x-portkey-provider",
                        "openai",
                        "x-portkey-custom-host",
                        "http://127.0.0.1:" + upstreamPort + "/v1"));
    }

    /** LiteLLM's proxy; null when it is not to be had. */
    Contender liteLlm() {
        if (options.liteLlm() == null || !Files.isExecutable(options.liteLlm())) {
            return null;
        }
        int port = freePort();
        Path config = write("litellm.yaml", """
                model_list:
                  - model_name: gpt-4o-mini
                    litellm_params:
                      model: openai/gpt-4o-mini
                      api_base: http://127.0.0.1:%d/v1
                      api_key: sk-benchmark
                """.formatted(upstreamPort));
        Child child = started(Child.start(
                "litellm",
                options.logs(),
                Map.of("LITELLM_LOCAL_MODEL_COST_MAP", "True", "LITELLM_LOG", "ERROR", "LITELLM_MASTER_KEY", PEER_KEY),
                List.of(
                        options.liteLlm().toString(),
                        "--config",
                        config.toString(),
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--telemetry",
                        "False")));
        awaitHttp(child, "http://127.0.0.1:" + port + "/health/liveliness");
        return contender("litellm", child, port, CHAT, Map.of("authorization", "Bearer " + PEER_KEY));
    }

    private static Contender contender(String name, Child child, int port, String path, Map<String, String> headers) {
        return new Contender(
                name,
                child,
                !name.equals("portkey") && !name.equals("litellm"),
                port,
                Requests.chat(port, path, false, headers),
                Requests.chat(port, path, true, headers));
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(data.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitHttp(Child child, String url) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline && child.isAlive()) {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) URI.create(url).toURL().openConnection();
                connection.setReadTimeout(2000);
                if (connection.getResponseCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // not yet
            }
            Pause.millis(100);
        }
        throw new IllegalStateException("no answer from " + url + "; see " + child.log());
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    Child kafka() {
        return kafka;
    }

    @Override
    public void close() {
        children.forEach(Child::close);
        try (var files = Files.walk(data)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            System.err.println("could not remove " + data + ": " + e.getMessage());
        }
    }
}
