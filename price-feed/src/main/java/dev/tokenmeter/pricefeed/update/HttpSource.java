package dev.tokenmeter.pricefeed.update;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A list on the web; asks whether it has changed before it is sent again (RFC 9110, section 13). */
final class HttpSource implements ListSource {
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final int MOST_REDIRECTS = 5;

    private final URI url;
    private final Duration timeout;
    private final int maxBytes;
    private final HttpClient http;
    private String etag;
    private String lastModified;

    HttpSource(URI url, Duration timeout, int maxBytes) {
        this.url = url;
        this.timeout = timeout;
        this.maxBytes = maxBytes;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER) // the client would send our login along
                .build();
    }

    @Override
    public byte[] fetch() throws IOException, InterruptedException {
        URI at = url;
        HttpResponse<byte[]> answer = send(request(at));
        for (int hops = 0; isRedirect(answer.statusCode()) && hops < MOST_REDIRECTS; hops++) {
            at = target(at, answer);
            answer = send(request(at));
        }
        if (answer.statusCode() == NOT_MODIFIED && (etag != null || lastModified != null)) {
            return null;
        }
        if (answer.statusCode() != OK) {
            throw new IOException("it answered with HTTP " + answer.statusCode());
        }
        etag = answer.headers().firstValue("ETag").orElse(null);
        lastModified = answer.headers().firstValue("Last-Modified").orElse(null);
        return answer.body();
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static URI target(URI from, HttpResponse<?> answer) throws IOException {
        try {
            URI to = from.resolve(answer.headers().firstValue("Location").orElse(""));
            boolean stays = "https".equals(to.getScheme())
                    || to.getScheme() != null && to.getScheme().equals(from.getScheme());
            if (to.getHost() != null && stays) {
                return to;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("it redirects to no address", e);
        }
        throw new IOException("it redirects to an address that is not safe to follow");
    }

    /** The login is for the host that it was given for. */
    private HttpRequest request(URI at) {
        HttpRequest.Builder request = HttpRequest.newBuilder(at).header("Accept", "application/json");
        boolean sameHost = at.getScheme().equals(url.getScheme())
                && at.getHost().equalsIgnoreCase(url.getHost())
                && at.getPort() == url.getPort();
        if (url.getUserInfo() != null && sameHost) {
            byte[] login = url.getUserInfo().getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
        }
        if (etag != null) {
            request.header("If-None-Match", etag);
        }
        if (lastModified != null) {
            request.header("If-Modified-Since", lastModified);
        }
        return request.build();
    }

    /** The timeout of a request would end with its headers; a body may hang too. */
    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, head -> new LimitedBody(maxBytes));
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no whole answer within " + timeout.toMillis() + " ms (pricing.update.timeout)", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            String what = e.getCause().getMessage();
            throw new IOException(what == null ? "no connection" : what, e);
        }
    }

    @Override
    public void forget() {
        etag = null;
        lastModified = null;
    }
}
