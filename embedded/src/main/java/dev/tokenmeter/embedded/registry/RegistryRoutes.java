package dev.tokenmeter.embedded.registry;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confluent's REST API over {@link SchemaStore}.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Schema Registry API</a>
 */
final class RegistryRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryRoutes.class);
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int MAX_BODY_BYTES = 1 << 20;

    private final Vertx vertx;
    private final SchemaStore store;

    /** What a path answers: a JSON value, on a worker thread. */
    private interface Answer {
        Object to(RoutingContext context);
    }

    RegistryRoutes(Vertx vertx, SchemaStore store) {
        this.vertx = vertx;
        this.store = store;
    }

    Router router() {
        Router router = Router.router(vertx);
        router.route().handler(RegistryRoutes::refuseBrowsers);
        router.route().handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        router.get("/").handler(answer(context -> new JsonObject()));
        router.get("/schemas/types").handler(answer(context -> new JsonArray().add("AVRO")));
        router.get("/schemas/ids/:id").handler(answer(this::schemaById));
        router.get("/schemas/ids/:id/schema")
                .handler(answer(context -> byId(context).toString()));
        router.get("/schemas/ids/:id/versions").handler(answer(this::usesOfId));
        router.get("/subjects").handler(answer(context -> new JsonArray(store.subjects())));
        router.post("/subjects/:subject").handler(answer(this::lookUp));
        router.delete("/subjects/:subject").handler(answer(context -> new JsonArray(store.delete(subject(context)))));
        router.get("/subjects/:subject/versions")
                .handler(answer(context -> new JsonArray(store.versionsOf(subject(context)))));
        router.post("/subjects/:subject/versions").handler(answer(this::register));
        router.get("/subjects/:subject/versions/:version").handler(answer(context -> json(version(context))));
        router.get("/subjects/:subject/versions/:version/schema")
                .handler(answer(context -> version(context).schema().toString()));
        router.post("/compatibility/subjects/:subject/versions/:version").handler(answer(this::testCompatibility));
        router.get("/config").handler(answer(context -> level(store.globalLevel())));
        router.put("/config").handler(answer(context -> setLevel(context, null)));
        router.get("/config/:subject").handler(answer(this::subjectLevel));
        router.put("/config/:subject").handler(answer(context -> setLevel(context, subject(context))));
        router.delete("/config/:subject").handler(answer(this::removeLevel));
        router.get("/mode").handler(answer(context -> new JsonObject().put("mode", "READWRITE")));
        router.get("/mode/:subject").handler(answer(context -> new JsonObject().put("mode", "READWRITE")));
        return router;
    }

    /** A web page that the user happens to read must not change schemas; no client of a registry sends an Origin. */
    private static void refuseBrowsers(RoutingContext context) {
        if (context.request().headers().contains("Origin")) {
            send(context, 403, error(403, "requests of web pages are refused"));
        } else {
            context.next();
        }
    }

    private Handler<RoutingContext> answer(Answer answer) {
        return context -> vertx.executeBlocking(() -> answer.to(context))
                .onSuccess(body -> send(context, 200, body))
                .onFailure(failure -> sendFailure(context, failure));
    }

    private static void sendFailure(RoutingContext context, Throwable failure) {
        if (failure instanceof RegistryException expected) {
            send(context, expected.status(), error(expected.code(), expected.getMessage()));
        } else if (failure instanceof DecodeException) {
            send(context, 400, error(400, "the body is not a JSON object"));
        } else {
            LOG.error("registry request failed", failure);
            send(context, 500, error(50001, "Error in the backend data store"));
        }
    }

    private static void send(RoutingContext context, int status, Object body) {
        String text = body instanceof String schema
                ? schema
                : body instanceof JsonArray array ? array.encode() : ((JsonObject) body).encode();
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", CONTENT_TYPE)
                .end(text);
    }

    private static JsonObject error(int code, String message) {
        return new JsonObject().put("error_code", code).put("message", message);
    }

    private JsonObject register(RoutingContext context) {
        SchemaVersion version = store.register(subject(context), bodySchema(context));
        return json(version);
    }

    private JsonObject lookUp(RoutingContext context) {
        return json(store.lookUp(subject(context), bodySchema(context)));
    }

    private static Schema bodySchema(RoutingContext context) {
        JsonObject body = body(context);
        String type = body.getString("schemaType", "AVRO");
        if (!type.equals("AVRO")) {
            throw RegistryException.unsupported("schemaType " + type);
        }
        if (!body.getJsonArray("references", new JsonArray()).isEmpty()) {
            throw RegistryException.unsupported("a schema with references");
        }
        if (!(body.getValue("schema") instanceof String text)) {
            throw RegistryException.invalidSchema("the field schema is missing");
        }
        return SchemaStore.parse(text);
    }

    private static JsonObject body(RoutingContext context) {
        JsonObject body = context.body().asJsonObject();
        if (body == null) {
            throw new DecodeException("no body");
        }
        return body;
    }

    private JsonObject schemaById(RoutingContext context) {
        return new JsonObject().put("schema", byId(context).toString());
    }

    private Schema byId(RoutingContext context) {
        return store.byId(id(context));
    }

    private static int id(RoutingContext context) {
        String id = context.pathParam("id");
        if (!id.matches("[0-9]{1,9}")) {
            throw RegistryException.schemaNotFound();
        }
        return Integer.parseInt(id);
    }

    private JsonArray usesOfId(RoutingContext context) {
        JsonArray uses = new JsonArray();
        store.usesOf(id(context))
                .forEach(use ->
                        uses.add(new JsonObject().put("subject", use.subject()).put("version", use.version())));
        return uses;
    }

    private SchemaVersion version(RoutingContext context) {
        return store.version(subject(context), context.pathParam("version"));
    }

    private static JsonObject json(SchemaVersion version) {
        return new JsonObject()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema().toString());
    }

    private JsonObject testCompatibility(RoutingContext context) {
        String objection = store.objection(subject(context), context.pathParam("version"), bodySchema(context));
        JsonObject result = new JsonObject().put("is_compatible", objection == null);
        boolean verbose = "true".equals(context.request().getParam("verbose"));
        return objection != null && verbose ? result.put("messages", new JsonArray().add(objection)) : result;
    }

    private JsonObject subjectLevel(RoutingContext context) {
        String subject = subject(context);
        if ("true".equals(context.request().getParam("defaultToGlobal"))) {
            return level(store.level(subject));
        }
        return level(store.ownLevel(subject).orElseThrow(() -> RegistryException.noSubjectLevel(subject)));
    }

    private JsonObject setLevel(RoutingContext context, String subject) {
        Compatibility level = Compatibility.parse(body(context).getString("compatibility"));
        store.setLevel(subject, level);
        return new JsonObject().put("compatibility", level.name());
    }

    private JsonObject removeLevel(RoutingContext context) {
        String subject = subject(context);
        Compatibility level = store.ownLevel(subject).orElseThrow(() -> RegistryException.noSubjectLevel(subject));
        store.setLevel(subject, null);
        return level(level);
    }

    private static JsonObject level(Compatibility level) {
        return new JsonObject().put("compatibilityLevel", level.name());
    }

    private static String subject(RoutingContext context) {
        return context.pathParam("subject");
    }
}
