package dev.tokenmeter.standalone.demo;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sets the demo's tenants up through the query API's control plane. Blocking. */
final class DemoApi {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI queryApi;

    DemoApi(URI queryApi) {
        this.queryApi = queryApi;
    }

    /** A virtual key and its public id. */
    record Key(String id, String secret) {}

    /** The tenants' keys, made on the first start and kept in a file that only this user can read. */
    Map<String, Key> keys(Path file) throws IOException, InterruptedException {
        JsonObject kept = Files.exists(file) ? new JsonObject(Files.readString(file)) : new JsonObject();
        Map<String, Key> keys = new LinkedHashMap<>();
        for (String tenant : Persona.TENANTS) {
            if (!kept.containsKey(tenant)) {
                JsonObject body = new JsonObject().put("tenant", tenant).put("name", tenant + " demo key");
                JsonObject made = send("POST", "/api/v1/keys", body);
                JsonObject data = made.getJsonObject("data", made);
                kept.put(
                        tenant,
                        new JsonObject()
                                .put("api_key_id", data.getString("api_key_id"))
                                .put("secret", data.getString("secret")));
            }
            JsonObject key = kept.getJsonObject(tenant);
            keys.put(tenant, new Key(key.getString("api_key_id"), key.getString("secret")));
        }
        Files.writeString(file, kept.encodePrettily());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return keys;
    }

    /** Sets a tenant's monthly budget. */
    void budget(String id, String tenant, String name, String amountUsd) throws IOException, InterruptedException {
        send(
                "PUT",
                "/api/v1/budgets/" + id,
                new JsonObject()
                        .put("tenant", tenant)
                        .put("name", name)
                        .put("amount_usd", amountUsd)
                        .put("period", "month"));
    }

    private JsonObject send(String method, String path, JsonObject body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(queryApi.resolve(path))
                .header("content-type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body());
    }
}
