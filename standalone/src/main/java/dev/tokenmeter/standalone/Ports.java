package dev.tokenmeter.standalone;

import dev.tokenmeter.service.SettingException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where everything listens on loopback.
 *
 * @param offset added to every default port, so that two copies can run beside each other
 */
record Ports(int offset) {
    private static final int HIGHEST_DEFAULT = 9_105;

    Ports {
        if (offset < 0 || offset > 65_535 - HIGHEST_DEFAULT) {
            throw new SettingException("--port-offset", "found " + offset, "0 to " + (65_535 - HIGHEST_DEFAULT));
        }
    }

    int gateway() {
        return 8080 + offset;
    }

    int queryApi() {
        return 8090 + offset;
    }

    int kafka() {
        return 9092 + offset;
    }

    int registry() {
        return 8081 + offset;
    }

    int clickHouse() {
        return 8123 + offset;
    }

    /** Default ports of the services, by setting. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("gateway.port", Integer.toString(gateway()));
        settings.put("query-api.port", Integer.toString(queryApi()));
        settings.put("gateway.management.port", Integer.toString(9101 + offset));
        settings.put("stream-aggregator.management.port", Integer.toString(9102 + offset));
        settings.put("storage.management.port", Integer.toString(9103 + offset));
        settings.put("alerting.management.port", Integer.toString(9104 + offset));
        settings.put("query-api.management.port", Integer.toString(9105 + offset));
        return settings;
    }

    /**
     * Fails on the first port that is taken, before anything is started.
     *
     * @throws SettingException naming the port and what wanted it
     */
    void requireFree() {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        wanted.put("Kafka", kafka());
        wanted.put("the schema registry", registry());
        wanted.put("ClickHouse", clickHouse());
        settings().forEach((setting, port) -> wanted.put(setting, Integer.valueOf(port)));
        wanted.forEach(Ports::requireFree);
    }

    private static void requireFree(String use, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new SettingException(
                    "--port-offset",
                    "port " + port + " for " + use + " is in use",
                    "stop what uses it, or shift all ports, e.g. --port-offset 1000");
        }
    }
}
