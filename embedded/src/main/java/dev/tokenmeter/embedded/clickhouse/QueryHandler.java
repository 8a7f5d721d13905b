package dev.tokenmeter.embedded.clickhouse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one statement per request, in a session of its own. */
final class QueryHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);

    private final Chdb engine;
    private final Credentials credentials;
    private final String timezone;

    QueryHandler(Chdb engine, Credentials credentials, String timezone) {
        this.engine = engine;
        this.credentials = credentials;
        this.timezone = timezone;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        HttpAnswer answer = new HttpAnswer(exchange, false);
        try {
            HttpQuery query = HttpQuery.of(exchange);
            answer = new HttpAnswer(exchange, query.compressAnswer());
            answerTo(exchange, query, answer);
        } catch (ChdbException e) {
            refuse(exchange, answer, e);
        } catch (RuntimeException | Error e) {
            LOG.warn("request failed", e);
            refuse(exchange, answer, new ChdbException(ChdbException.UNKNOWN_EXCEPTION, String.valueOf(e)));
        }
    }

    private void answerTo(HttpExchange exchange, HttpQuery query, HttpAnswer answer) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/ping") || path.equals("/") && isGreeting(exchange, query)) {
            answer.plain(200, "Ok.\n");
        } else if (!path.equals("/")) {
            answer.plain(404, "There is no handle " + path + "\n");
        } else {
            Credentials offered = query.offered();
            if (!credentials.allow(offered.user(), offered.password())) {
                throw new ChdbException(
                        ChdbException.AUTHENTICATION_FAILED,
                        "Authentication failed: password is incorrect, or there is no user with such name.");
            }
            run(exchange, query, answer);
        }
    }

    private static boolean isGreeting(HttpExchange exchange, HttpQuery query) {
        return !exchange.getRequestMethod().equals("POST") && query.sql() == null;
    }

    private void run(HttpExchange exchange, HttpQuery urlQuery, HttpAnswer answer) throws IOException {
        HttpQuery query = urlQuery;
        InputStream body = body(exchange, query);
        String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        if (MultipartForm.is(contentType)) {
            query = query.with(MultipartForm.read(contentType, body));
            body = InputStream.nullInputStream();
        }
        Statement statement = Statement.read(query.sql(), body, query.format());
        answer.header("X-ClickHouse-Query-Id", query.queryId());
        answer.header("X-ClickHouse-Server-Display-Name", "tokenmeter-embedded");
        answer.header("X-ClickHouse-Timezone", timezone);
        answer.header("X-ClickHouse-Format", statement.format());
        answer.header("Content-Type", "application/octet-stream");
        try (ChdbSession session = engine.open()) {
            SessionSettings.apply(session, query);
            run(session, statement, query.parameters(), answer);
        }
    }

    private static void run(ChdbSession session, Statement statement, Map<String, String> parameters, HttpAnswer answer)
            throws IOException {
        Optional<StreamedFormat> streamed = StreamedFormat.of(statement.format());
        switch (statement.kind()) {
            case INSERT_WITH_DATA, INSERT_WITHOUT_FORMAT -> {
                QueryStatistics written =
                        session.insert(statement.sql(), statement.format(), parameters, statement.data());
                answer.header("X-ClickHouse-Summary", written.summary(0));
                answer.send(200, new byte[0]);
            }
            case SELECT -> {
                if (streamed.isPresent()) {
                    stream(session, statement, parameters, streamed.get(), answer);
                } else {
                    hold(session, statement, parameters, answer);
                }
            }
            case OTHER -> hold(session, statement, parameters, answer);
        }
    }

    private static void hold(
            ChdbSession session, Statement statement, Map<String, String> parameters, HttpAnswer answer)
            throws IOException {
        SessionSettings.boundResult(session);
        ChdbSession.Result result = session.query(statement.sql(), statement.format(), parameters);
        answer.header("X-ClickHouse-Summary", result.statistics().summary(result.data().length));
        answer.send(200, result.data());
    }

    private static void stream(
            ChdbSession session,
            Statement statement,
            Map<String, String> parameters,
            StreamedFormat format,
            HttpAnswer answer)
            throws IOException {
        try (ChdbResultStream chunks = session.stream(statement.sql(), statement.format(), parameters)) {
            byte[] first = chunks.next();
            byte[] second = chunks.next();
            if (second.length == 0) {
                // The usual case: all of it is here, and so are its statistics, which must precede it.
                answer.header("X-ClickHouse-Summary", chunks.statistics().summary(first.length));
                answer.send(200, first);
            } else {
                answer.stream(first, second, chunks, format);
            }
        }
    }

    private static InputStream body(HttpExchange exchange, HttpQuery query) throws IOException {
        InputStream body = exchange.getRequestBody();
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        if ("gzip".equalsIgnoreCase(encoding)) {
            body = new GZIPInputStream(body);
        } else if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ChdbException(
                    ChdbException.NOT_IMPLEMENTED, "Content-Encoding " + encoding + " is not supported");
        }
        return query.compressedBody() ? new CompressedInputStream(body) : body;
    }

    private static void refuse(HttpExchange exchange, HttpAnswer answer, ChdbException error) throws IOException {
        if (exchange.getResponseCode() >= 0) {
            throw new IOException("result broken off: " + error.getMessage(), error);
        }
        LOG.debug("refused: {}", error.getMessage());
        answer.error(error);
    }

    /** The time zone in which the engine reads and prints times that name none. */
    static String timezoneOf(Chdb engine) {
        try (ChdbSession session = engine.open()) {
            byte[] sql = "SELECT timezone()".getBytes(StandardCharsets.UTF_8);
            return new String(session.query(sql, "TabSeparatedRaw", Map.of()).data(), StandardCharsets.UTF_8).strip();
        }
    }
}
