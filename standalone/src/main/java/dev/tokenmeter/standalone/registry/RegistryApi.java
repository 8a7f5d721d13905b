package dev.tokenmeter.standalone.registry;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confluent's REST API. Questions are answered from memory on the event loop; changes wait for Kafka on the one worker.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Schema Registry API</a>
 */
final class RegistryApi {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryApi.class);
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int MAX_BODY_BYTES = 1 << 20;

    private final SchemaIndex index;
    private final Registrar registrar;
    private final WorkerExecutor worker;

    RegistryApi(Vertx vertx, SchemaIndex index, Registrar registrar) {
        this.index = index;
        this.registrar = registrar;
        this.worker = vertx.createSharedWorkerExecutor("schema-registry", 1, 1, TimeUnit.MINUTES);
    }

    Router router(Vertx vertx) {
        Router router = Router.router(vertx);
        router.route().handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        schemas(router);
        subjects(router);
        settings(router);
        router.route().last().handler(context -> send(context, 404, error(404, "HTTP 404 Not Found")));
        return router;
    }

    private void schemas(Router router) {
        ask(router, "/", context -> new JsonObject());
        ask(router, "/schemas/types", context -> new JsonArray().add("AVRO"));
        ask(
                router,
                "/schemas/ids/:id",
                context -> new JsonObject().put("schema", byId(context).text()));
        ask(
                router,
                "/schemas/ids/:id/schema",
                context -> new RawJson(byId(context).text()));
        ask(
                router,
                "/schemas/ids/:id/subjects",
                context -> new JsonArray(index.usesOf(id(context)).stream()
                        .map(SubjectVersion::subject)
                        .distinct()
                        .toList()));
        ask(
                router,
                "/schemas/ids/:id/versions",
                context -> new JsonArray(index.usesOf(id(context)).stream()
                        .map(use ->
                                new JsonObject().put("subject", use.subject()).put("version", use.version()))
                        .toList()));
    }

    private void subjects(Router router) {
        ask(router, "/subjects", context -> new JsonArray(index.subjects()));
        ask(
                router,
                "/subjects/:subject/versions",
                context -> new JsonArray(index.versionsOf(subject(context)).stream()
                        .map(SubjectVersion::version)
                        .toList()));
        ask(router, "/subjects/:subject/versions/:version", context -> json(version(context)));
        ask(
                router,
                "/subjects/:subject/versions/:version/schema",
                context -> new RawJson(version(context).schema().text()));
        router.post("/subjects/:subject").handler(context -> answer(context, this::lookUp));
        router.post("/subjects/:subject/versions").handler(context -> change(context, this::register));
        router.delete("/subjects/:subject").handler(context -> change(context, this::delete));
        router.post("/compatibility/subjects/:subject/versions/:version")
                .handler(context -> answer(context, this::isCompatible));
        router.post("/compatibility/subjects/:subject/versions")
                .handler(context -> answer(context, this::isCompatibleWithAll));
    }

    private void settings(Router router) {
        ask(router, "/config", context -> level(index.globalLevel()));
        ask(router, "/config/:subject", this::subjectLevel);
        router.put("/config").handler(context -> change(context, request -> setLevel(request, null)));
        router.put("/config/:subject")
                .handler(context -> change(context, request -> setLevel(request, subject(request))));
        router.delete("/config/:subject").handler(context -> change(context, this::removeLevel));
        ask(router, "/mode", context -> new JsonObject().put("mode", "READWRITE"));
        ask(router, "/mode/:subject", context -> new JsonObject().put("mode", "READWRITE"));
    }

    private Object register(RoutingContext context) {
        return json(registrar.register(subject(context), schema(context), flag(context, "normalize")));
    }

    private Object lookUp(RoutingContext context) {
        index.versionsOf(subject(context));
        return json(index.find(subject(context), schema(context), flag(context, "normalize"))
                .orElseThrow(RegistryException::schemaNotFound));
    }

    private Object delete(RoutingContext context) {
        if (flag(context, "permanent")) {
            throw RegistryException.malformed("the embedded registry deletes no schema for good");
        }
        return new JsonArray(registrar.delete(subject(context)));
    }

    private Object isCompatible(RoutingContext context) {
        SubjectVersion against = version(context);
        return compatibility(
                context,
                index.level(against.subject())
                        .objection(
                                schema(context).schema(),
                                List.of(against.schema().schema())));
    }

    private Object isCompatibleWithAll(RoutingContext context) {
        String subject = subject(context);
        return compatibility(
                context, index.level(subject).objection(schema(context).schema(), index.newestFirst(subject)));
    }

    private static JsonObject compatibility(RoutingContext context, Optional<String> objection) {
        JsonObject answer = new JsonObject().put("is_compatible", objection.isEmpty());
        return flag(context, "verbose")
                ? answer.put("messages", new JsonArray(objection.stream().toList()))
                : answer;
    }

    private Object subjectLevel(RoutingContext context) {
        String subject = subject(context);
        if (flag(context, "defaultToGlobal")) {
            return level(index.level(subject));
        }
        return level(index.ownLevel(subject).orElseThrow(() -> RegistryException.noLevelOfItsOwn(subject)));
    }

    private Object setLevel(RoutingContext context, String subject) {
        CompatibilityLevel level = CompatibilityLevel.of(string(body(context), "compatibility"));
        registrar.setLevel(subject, level);
        return new JsonObject().put("compatibility", level.name());
    }

    private Object removeLevel(RoutingContext context) {
        String subject = subject(context);
        CompatibilityLevel removed =
                index.ownLevel(subject).orElseThrow(() -> RegistryException.noLevelOfItsOwn(subject));
        registrar.setLevel(subject, null);
        return level(removed);
    }

    private void ask(Router router, String path, Function<RoutingContext, Object> question) {
        router.get(path).handler(context -> answer(context, question));
    }

    private void answer(RoutingContext context, Function<RoutingContext, Object> question) {
        try {
            send(context, 200, question.apply(context));
        } catch (RuntimeException e) {
            refuse(context, e);
        }
    }

    private void change(RoutingContext context, Function<RoutingContext, Object> change) {
        Future<Object> done = worker.executeBlocking(() -> change.apply(context), true);
        done.onSuccess(body -> send(context, 200, body)).onFailure(failure -> refuse(context, failure));
    }

    private static void refuse(RoutingContext context, Throwable failure) {
        if (failure instanceof RegistryException expected) {
            if (expected.status() >= 500) {
                LOG.warn("could not write to {}", SchemaTopic.NAME, expected.getCause());
            }
            send(context, expected.status(), error(expected.code(), expected.getMessage()));
        } else {
            LOG.error("request failed", failure);
            send(context, 500, error(500, "Internal Server Error"));
        }
    }

    private static void send(RoutingContext context, int status, Object body) {
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", CONTENT_TYPE)
                .end(body instanceof RawJson raw ? raw.text() : Json.encode(body));
    }

    private static JsonObject error(int code, String message) {
        return new JsonObject().put("error_code", code).put("message", message);
    }

    private static JsonObject json(SubjectVersion version) {
        return new JsonObject()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema().text());
    }

    private static JsonObject level(CompatibilityLevel level) {
        return new JsonObject().put("compatibilityLevel", level.name());
    }

    private AvroText byId(RoutingContext context) {
        return index.byId(id(context));
    }

    private static int id(RoutingContext context) {
        String id = context.pathParam("id");
        if (!id.matches("[0-9]{1,9}")) {
            throw RegistryException.schemaNotFound();
        }
        return Integer.parseInt(id);
    }

    private SubjectVersion version(RoutingContext context) {
        return index.version(subject(context), context.pathParam("version"));
    }

    private static String subject(RoutingContext context) {
        return context.pathParam("subject");
    }

    private static boolean flag(RoutingContext context, String name) {
        return Boolean.parseBoolean(context.request().getParam(name));
    }

    /** The schema in the body; ours are Avro and stand alone, so other kinds are refused and not misread. */
    private static AvroText schema(RoutingContext context) {
        JsonObject body = body(context);
        String type = string(body, "schemaType");
        if (type != null && !type.equals("AVRO")) {
            throw RegistryException.invalidSchema("the embedded registry takes AVRO only, not " + type);
        }
        if (body.getValue("references") instanceof JsonArray references && !references.isEmpty()) {
            throw RegistryException.invalidSchema("the embedded registry takes no references to other schemas");
        }
        String text = string(body, "schema");
        if (text == null) {
            throw RegistryException.invalidSchema("the field 'schema' is missing");
        }
        return AvroText.parse(text);
    }

    private static JsonObject body(RoutingContext context) {
        try {
            JsonObject body = context.body().asJsonObject();
            if (body != null) {
                return body;
            }
        } catch (DecodeException | ClassCastException notAnObject) {
            // Falls through to the same refusal.
        }
        throw RegistryException.malformed("the body must be a JSON object");
    }

    private static String string(JsonObject body, String field) {
        return body.getValue(field) instanceof String text ? text : null;
    }

    /** JSON that is sent as it is. */
    private record RawJson(String text) {}
}
