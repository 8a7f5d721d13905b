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
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    @Override
    public byte[] fetch() throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Accept", "application/json");
        if (url.getUserInfo() != null) {
            byte[] login = url.getUserInfo().getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
        }
        if (etag != null) {
            request.header("If-None-Match", etag);
        }
        if (lastModified != null) {
            request.header("If-Modified-Since", lastModified);
        }
        HttpResponse<byte[]> answer = send(request.build());
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
