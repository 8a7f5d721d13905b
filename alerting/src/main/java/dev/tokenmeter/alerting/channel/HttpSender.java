package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.alerting.deliver.Sender;
import dev.tokenmeter.schemas.Notification;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Posts notifications. Delivered with any 2xx; a 408, a 429, a 5xx and what happens below HTTP are worth another try; every
 * other answer, redirects too, would be the same next time.
 */
final class HttpSender implements Sender {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MOST_SHOWN = 200;

    private final HttpFormat format;
    private final HttpSettings settings;
    private final HttpClient client;

    HttpSender(HttpFormat format, HttpSettings settings) {
        this.format = format;
        this.settings = settings;
        this.client = settings.client();
    }

    @Override
    public Outcome send(Notification notification) throws InterruptedException {
        HttpFormat.Post post = format.post(notification);
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(request(post), head -> new BoundedBody());
        try {
            return outcome(answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS), post);
        } catch (TimeoutException e) {
            return new Outcome.Failed(host(post.uri()) + " gave no whole answer within " + seconds(settings.timeout()));
        } catch (ExecutionException e) {
            return new Outcome.Failed(host(post.uri()) + ": " + describe(e.getCause()));
        } finally {
            answer.cancel(true);
        }
    }

    private HttpRequest request(HttpFormat.Post post) {
        HttpRequest.Builder request = HttpRequest.newBuilder(post.uri())
                .POST(HttpRequest.BodyPublishers.ofByteArray(post.body()))
                .setHeader("Content-Type", "application/json")
                .setHeader("User-Agent", "Tokenmeter");
        post.headers().forEach(request::setHeader);
        settings.headers().forEach(request::setHeader);
        return request.build();
    }

    private Outcome outcome(HttpResponse<String> answer, HttpFormat.Post post) {
        int status = answer.statusCode();
        String said = "HTTP " + status + shown(answer.body(), post);
        if (status / 100 == 2) {
            return new Outcome.Delivered(said);
        }
        if (status / 100 == 3) {
            return new Outcome.Refused("HTTP " + status + ", a redirect, which is not followed");
        }
        if (status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS || status / 100 == 5) {
            return new Outcome.Failed(said, retryAfter(answer));
        }
        return new Outcome.Refused(said);
    }

    /** The beginning of the answer, on one line, without what the request held of secrets. */
    private String shown(String body, HttpFormat.Post post) {
        String text = body.replaceAll("\\p{Cntrl}+", " ").strip();
        for (String secret : post.secrets()) {
            text = text.replace(secret, "***");
        }
        for (String secret : settings.headers().values()) {
            text = text.replace(secret, "***");
        }
        return text.isEmpty() ? "" : ": " + Json.bounded(text, MOST_SHOWN);
    }

    /** Seconds or a date (RFC 9110, 10.2.3). */
    private static Optional<Duration> retryAfter(HttpResponse<?> answer) {
        return answer.headers().firstValue("Retry-After").flatMap(text -> {
            try {
                if (text.matches("[0-9]{1,9}")) {
                    return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
                }
                Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                return Optional.of(Duration.between(Instant.now(), until)).filter(wait -> !wait.isNegative());
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        });
    }

    private static String describe(Throwable thrown) {
        if (thrown instanceof HttpConnectTimeoutException) {
            return "no connection in time";
        }
        if (thrown instanceof ConnectException) {
            return "no connection";
        }
        if (thrown instanceof SSLException) {
            return "TLS: " + thrown.getMessage();
        }
        return "the connection broke (" + thrown.getClass().getSimpleName() + ")";
    }

    /** Host and port: the path may be a secret. */
    private static String host(URI uri) {
        return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
