package dev.tokenmeter.queryapi;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The dashboard page and the API's description: files on the class path, open to all as they hold no numbers. */
final class PageRoutes {
    private static final String INDEX = "/index.html";

    /** Names of assets change with their content. */
    private static final long A_YEAR = 31_536_000;

    private PageRoutes() {}

    static void add(Router router) {
        Buffer description = resource("openapi.yaml");
        router.get("/openapi.yaml")
                .handler(context -> context.response()
                        .putHeader("Content-Type", "application/yaml")
                        .end(description));
        router.get("/assets/*").handler(StaticHandler.create("dashboard/assets").setMaxAgeSeconds(A_YEAR));
        router.get("/*").handler(PageRoutes::mustBeAskedForAgain);
        router.get("/*")
                .handler(StaticHandler.create("dashboard")
                        .setIndexPage("index.html")
                        .setCachingEnabled(false));
        router.get("/*").handler(PageRoutes::fallBack);
    }

    private static void mustBeAskedForAgain(RoutingContext context) {
        context.response().putHeader("Cache-Control", "no-cache");
        context.next();
    }

    /** The page's own addresses are served by its one document; a file that is missing stays missing. */
    private static void fallBack(RoutingContext context) {
        String path = context.normalizedPath();
        boolean isPage = path.indexOf('.') < 0 && !path.startsWith("/api/") && !path.startsWith("/health/");
        if (isPage) {
            context.reroute(INDEX);
        } else {
            context.next();
        }
    }

    private static Buffer resource(String name) {
        try (InputStream in = PageRoutes.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no " + name + " on the class path");
            }
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
