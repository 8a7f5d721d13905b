package dev.tokenmeter.queryapi.http;

import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.QueryException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts endpoints on the router: checks parameters on the event loop, runs the endpoint on a worker, writes JSON. */
public final class Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
    private static final String JSON = "application/json";

    private final Router router;
    private final Workers workers;
    private final MeterRegistry meters;

    public Endpoints(Router router, Workers workers, MeterRegistry meters) {
        this.router = router;
        this.workers = workers;
        this.meters = meters;
    }

    /** @param parameters the names it takes; {@code filter.*} stands for all that begin with {@code filter.} */
    public void get(String path, Set<String> parameters, Endpoint endpoint) {
        add(HttpMethod.GET, path, parameters, false, endpoint);
    }

    /** An endpoint that takes a JSON object as body. */
    public void post(String path, Endpoint endpoint) {
        add(HttpMethod.POST, path, Set.of(), true, endpoint);
    }

    /** An endpoint that takes parameters and a JSON object as body. */
    public void post(String path, Set<String> parameters, Endpoint endpoint) {
        add(HttpMethod.POST, path, parameters, true, endpoint);
    }

    /** An endpoint that takes a JSON object as body. */
    public void put(String path, Endpoint endpoint) {
        add(HttpMethod.PUT, path, Set.of(), true, endpoint);
    }

    /** An endpoint that takes a JSON object as body. */
    public void patch(String path, Endpoint endpoint) {
        add(HttpMethod.PATCH, path, Set.of(), true, endpoint);
    }

    public void delete(String path, Endpoint endpoint) {
        add(HttpMethod.DELETE, path, Set.of(), false, endpoint);
    }

    /** An endpoint that takes a file as body, of one of these media types; its router has a limit of its own. */
    public void upload(String path, Set<String> parameters, Set<String> mediaTypes, Endpoint endpoint) {
        add(HttpMethod.POST, path, context -> file(context, parameters, mediaTypes), endpoint);
    }

    private void add(HttpMethod method, String path, Set<String> allowed, boolean hasBody, Endpoint endpoint) {
        add(method, path, context -> request(context, allowed, hasBody), endpoint);
    }

    private void add(HttpMethod method, String path, Function<RoutingContext, ApiRequest> reading, Endpoint endpoint) {
        Route route = router.route(method, path);
        route.handler(context -> {
            ApiRequest request = reading.apply(context);
            Timer.Sample sample = Timer.start(meters);
            Context eventLoop = context.vertx().getOrCreateContext();
            workers.submit(() -> endpoint.answer(request))
                    .onComplete(result -> sample.stop(Timer.builder("tokenmeter.query.duration")
                            .description("Duration of queries, the wait for a worker included")
                            .tag("path", path)
                            .tag("outcome", result.succeeded() ? "answered" : "failed")
                            .register(meters)))
                    .onSuccess(answer -> eventLoop.runOnContext(ignored -> write(context, answer)))
                    .onFailure(failure -> eventLoop.runOnContext(ignored -> context.fail(failure)));
        });
    }

    private static ApiRequest request(RoutingContext context, Set<String> allowed, boolean hasBody) {
        Parameters parameters = Parameters.of(context.queryParams(), allowed);
        Access access = Access.of(context);
        if (!hasBody) {
            return new ApiRequest(access, parameters, context.pathParam("id"), null, null);
        }
        if (!mediaType(context).equals(JSON)) {
            throw Problem.unsupportedMediaType(JSON);
        }
        return new ApiRequest(access, parameters, context.pathParam("id"), JsonText.readObject(bytes(context)), null);
    }

    private static ApiRequest file(RoutingContext context, Set<String> allowed, Set<String> mediaTypes) {
        if (!mediaTypes.contains(mediaType(context))) {
            throw Problem.unsupportedMediaType(String.join(" or ", new TreeSet<>(mediaTypes)));
        }
        Parameters parameters = Parameters.of(context.queryParams(), allowed);
        Upload upload = new Upload(mediaType(context), context.request().headers(), bytes(context));
        return new ApiRequest(Access.of(context), parameters, null, null, upload);
    }

    private static String mediaType(RoutingContext context) {
        String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type == null ? "" : type.split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    private static byte[] bytes(RoutingContext context) {
        Buffer body = context.body().buffer();
        return body == null ? new byte[0] : body.getBytes();
    }

    private static void write(RoutingContext context, ApiAnswer answer) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        context.response().setStatusCode(answer.status());
        if (answer.body() == null) {
            context.response().end();
        } else if (answer.body() instanceof ApiAnswer.Text text) {
            context.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, text.mediaType())
                    .end(text.text());
        } else if (answer.body() instanceof ApiAnswer.Bytes bytes) {
            context.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, bytes.mediaType())
                    .end(Buffer.buffer(bytes.bytes()));
        } else {
            context.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .end(Buffer.buffer(JsonText.write(answer.body())));
        }
    }

    /** Writes whatever went wrong as a problem document. */
    public static void fail(RoutingContext context) {
        Problem problem = problem(context);
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        if (problem.status() == 401) {
            context.response().putHeader("WWW-Authenticate", "Bearer");
        }
        context.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .end(Buffer.buffer(JsonText.write(problem.toJson())));
    }

    private static Problem problem(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure instanceof Problem.Exception told) {
            return told.problem();
        } else if (failure instanceof QueryException asked && asked.isTooMuch()) {
            LOG.warn("too much for ClickHouse: {}: {}", context.normalizedPath(), failure.getMessage());
            return new Problem(
                    422,
                    "Too much",
                    "The question takes more time (query-api.max-query-time) or memory than ClickHouse may use; ask for a"
                            + " shorter time, fewer dimensions or one tenant.",
                    null);
        } else if (failure instanceof QueryException) {
            LOG.warn("ClickHouse did not answer {}: {}", context.normalizedPath(), failure.getMessage());
            return Problem.unavailable("The store does not answer; try again later.")
                    .problem();
        } else if (context.statusCode() == 404) {
            return Problem.notFound(context.normalizedPath()).problem();
        } else if (context.statusCode() == 413) {
            return new Problem(
                    413,
                    "Too large",
                    "The body is too large; files may have query-api.max-import-bytes, events query-api.ingest.max-bytes.",
                    null);
        } else if (context.statusCode() >= 400 && context.statusCode() < 500) {
            return new Problem(context.statusCode(), "Bad request", "HTTP " + context.statusCode(), null);
        }
        LOG.error("failed: {}", context.normalizedPath(), failure);
        return new Problem(500, "Internal error", "Something is wrong in Tokenmeter; its log says what.", null);
    }
}
