package dev.tokenmeter.pricefeed.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.pricefeed.PriceWriter;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.pricing.Tariff;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A polled list, on a server that answers as lists' servers do on good and on bad days. */
class PriceUpdatesTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final String OLD = "update:p/old";

    private final List<String> asked = new ArrayList<>();
    private final Map<String, Price> topic = new HashMap<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx();
    private Instant now = START;
    private boolean leads = true;
    private volatile Consumer<HttpServerRequest> server;
    private PriceBook shipped = PriceBook.empty();
    private PriceUpdates updates;
    private int port;

    private final Map<String, String> dismissed = new HashMap<>();

    private final Dismissals dismissals = new Dismissals() {
        @Override
        public boolean areRead() {
            return true;
        }

        @Override
        public boolean covers(String priceId, String reason) {
            return reason.equals(dismissed.get(priceId));
        }

        @Override
        public void dismiss(String priceId, String reason, String by) {
            dismissed.put(priceId, reason);
        }
    };

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private final KnownPrices known = new KnownPrices() {
        @Override
        public boolean areRead() {
            return true;
        }

        @Override
        public Collection<Price> recorded() {
            return List.copyOf(topic.values());
        }

        @Override
        public PriceBook shipped() {
            return shipped;
        }
    };

    @BeforeEach
    void start() throws Exception {
        HttpServer http = vertx.createHttpServer().requestHandler(request -> {
            asked.add(request.getHeader("If-None-Match"));
            server.accept(request);
        });
        port = http.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
        updates = updates(Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private PriceUpdates updates(Map<String, String> more) {
        return updates(more, prices -> prices.forEach(price -> topic.put(price.id(), price)));
    }

    private PriceUpdates updates(Map<String, String> more, PriceWriter writer) {
        Map<String, String> settings = new HashMap<>();
        settings.put("pricing.update.url", "http://user:secret@127.0.0.1:" + port + "/prices.json?token=secret");
        settings.put("pricing.update.timeout", "20s");
        settings.putAll(more);
        return new PriceUpdates(
                UpdateSettings.from(Settings.of(settings)).orElseThrow(),
                known,
                writer,
                () -> leads,
                dismissals,
                meters,
                clock);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoAsksWhetherAllIsWellDoesNotWaitForKafka() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        updates = updates(Map.of(), prices -> {
            writing.countDown();
            written.await();
        });
        answer(list(entry("old", "2")));
        Thread poll = new Thread(() -> {
            try {
                updates.poll();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        poll.start();
        writing.await();
        assertThat(updates.readiness().up()).isTrue();
        written.countDown();
        poll.join();
    }

    @Test
    void aLoginIsNotSentOnToWhereTheListHasMoved() throws Exception {
        List<String> logins = new ArrayList<>();
        HttpServer other = vertx.createHttpServer().requestHandler(request -> {
            logins.add(String.valueOf(request.getHeader("Authorization")));
            request.response().end(list(entry("old", "2")));
        });
        int otherPort = other.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
        server = request -> {
            logins.add(String.valueOf(request.getHeader("Authorization")));
            boolean first = request.path().equals("/prices.json");
            request.response()
                    .setStatusCode(302)
                    .putHeader("Location", first ? "/moved" : "http://127.0.0.1:" + otherPort + "/elsewhere")
                    .end();
        };
        updates.poll();
        assertThat(rate("old", now)).isEqualTo("2");
        assertThat(logins).hasSize(3);
        assertThat(logins.subList(0, 2)).allMatch(login -> login.startsWith("Basic "));
        assertThat(logins.get(2)).isEqualTo("null");
    }

    @Test
    void anotherFactorHoldsFromNowOnAndTheOneBeforeKeepsItsTime() throws Exception {
        String house = "{\"provider\":\"p\",\"patterns\":[\"*\"],\"factor\":\"%s\"}";
        answer(list(house.formatted("0.85")));
        updates.poll();
        now = START.plusSeconds(3_600);
        answer(list(house.formatted("0.80")));
        updates.poll();
        assertThat(heldBack()).isEmpty();
        assertThat(topic.values())
                .extracting(
                        price -> price.factor().toPlainString(),
                        price -> price.validity().from(),
                        price -> price.validity().until())
                .containsExactlyInAnyOrder(tuple("0.85", START, now), tuple("0.8", now, null));
    }

    private static String entry(String model, String rate) {
        return "{\"provider\": \"p\", \"models\": [\"" + model + "\"], \"usd_per_million_tokens\":"
                + " {\"uncached_input_tokens\": \"" + rate + "\"}}";
    }

    private static String list(String... entries) {
        return "{\"prices\": [" + String.join(",", entries) + "]}";
    }

    private void answer(String body) {
        server = request -> request.response().end(body);
    }

    /** The rate in force by what is recorded; null where there is none. */
    private String rate(String model, Instant at) {
        return shipped.with(PriceSource.UPDATE, topic.values())
                .find(new PriceQuery("", "p", model, null, null, at))
                .map(Tariff::price)
                .map(price -> price.rates()
                        .perMillionTokens()
                        .values()
                        .iterator()
                        .next()
                        .toPlainString())
                .orElse(null);
    }

    private List<String> heldBack() {
        return updates.report().held().stream().map(UpdateReport.Held::priceId).toList();
    }

    @Test
    void aNewModelIsRecordedForAllTimesAndAMoveFromItsAcceptanceOnSoThatHistoryIsKept() throws Exception {
        answer(list(entry("old", "2")));
        updates.poll();
        assertThat(rate("old", START.minusSeconds(86_400))).isEqualTo("2");

        now = START.plusSeconds(3_600);
        answer(list(entry("old", "3")));
        updates.poll();
        assertThat(rate("old", now)).isEqualTo("3");
        assertThat(rate("old", now.minusMillis(1))).isEqualTo("2");
        assertThat(topic.get(OLD).validity().until()).isEqualTo(now);
        assertThat(updates.report().taken())
                .containsExactly(new UpdateReport.Change(OLD, "uncached_input_tokens from 2 to 3"));

        now = START.plusSeconds(7_200);
        updates.poll();
        answer(list(entry("old", "4")));
        updates.poll();
        assertThat(topic).hasSize(3);
        assertThat(rate("old", START.plusSeconds(3_601))).isEqualTo("3");
        assertThat(rate("old", now)).isEqualTo("4");
        assertThat(meters.get("tokenmeter.prices.update.taken").counter().count())
                .isEqualTo(3);
    }

    @Test
    void aPriceThatListsSayTheTimeOfKeepsIt() throws Exception {
        answer(list(entry("old", "2").replace("\"models\"", "\"from\": \"2026-01-01T00:00:00Z\", \"models\"")));
        updates.poll();
        assertThat(rate("old", Instant.parse("2025-12-31T23:59:59Z"))).isNull();
        assertThat(rate("old", Instant.parse("2026-01-01T00:00:00Z"))).isEqualTo("2");
    }

    @Test
    void aTenfoldMoveAndAVanishedModelAreHeldBackUntilSomebodyAcceptsThem() throws Exception {
        answer(list(entry("old", "2"), entry("gone", "5"), entry("other", "1")));
        updates.poll();
        now = START.plusSeconds(60);
        answer(list(entry("old", "20.1"), entry("other", "1.5")));
        updates.poll();

        assertThat(rate("old", now)).isEqualTo("2");
        assertThat(rate("gone", now)).isEqualTo("5");
        assertThat(rate("other", now)).isEqualTo("1.5");
        assertThat(updates.report().held())
                .extracting(UpdateReport.Held::reason)
                .containsExactly("uncached_input_tokens from 2 to 20.1", "vanished from the list");
        assertThat(meters.get("tokenmeter.prices.update.held.back").gauge().value())
                .isEqualTo(2);

        now = START.plusSeconds(120);
        assertThat(updates.accept("update:p/none")).isEmpty();
        assertThat(updates.accept(OLD)).contains("uncached_input_tokens from 2 to 20.1");
        assertThat(heldBack()).containsExactly("update:p/gone");
        assertThat(updates.accept("update:p/gone")).isPresent();
        assertThat(heldBack()).isEmpty();
        assertThat(rate("old", now)).isEqualTo("20.1");
        assertThat(rate("old", now.minusMillis(1))).isEqualTo("2");
        assertThat(rate("gone", now)).isNull();
        assertThat(rate("gone", now.minusMillis(1))).isEqualTo("5");
        updates.poll();
        assertThat(heldBack()).isEmpty();
    }

    @Test
    void aMalformedEntryIsReportedAndChangesNothing() throws Exception {
        String litellm =
                "{\"old\": {\"litellm_provider\": \"p\", \"mode\": \"chat\", \"input_cost_per_token\": 0.000002,"
                        + " \"output_cost_per_token\": 0.000004}, \"b\": {\"litellm_provider\": \"p\", \"mode\": \"chat\","
                        + " \"input_cost_per_token\": 0.000002, \"output_cost_per_token\": 0.000004}}";
        answer(litellm);
        updates.poll();
        Map<String, Price> before = Map.copyOf(topic);
        answer(litellm.replaceFirst("0.000002", "\"2e-6 or so\""));
        updates.poll();
        assertThat(topic).isEqualTo(before);
        assertThat(updates.report().held()).singleElement().satisfies(held -> {
            assertThat(held.priceId()).isEqualTo(OLD);
            assertThat(held.acceptable()).isFalse();
        });
        assertThat(updates.accept(OLD)).isEmpty();
    }

    @Test
    void aFirstPriceThatIsFarFromTheShippedOneIsHeldBackAndAnotherHoldsFromNow() throws Exception {
        shipped = PriceBook.empty()
                .with(
                        PriceSource.SHIPPED,
                        PriceFile.read(
                                new ByteArrayInputStream(list(entry("old", "2"), entry("far", "2"))
                                        .getBytes(StandardCharsets.UTF_8)),
                                "shipped"));
        answer(list(entry("old", "3"), entry("far", "30")));
        updates.poll();
        assertThat(rate("old", now)).isEqualTo("3");
        assertThat(rate("far", now)).isEqualTo("2");
        assertThat(rate("old", now.minusMillis(1))).isEqualTo("2");
        assertThat(updates.report().held())
                .extracting(UpdateReport.Held::reason)
                .containsExactly("beside the shipped price uncached_input_tokens from 2 to 30");
    }

    @Test
    void aListIsNotSentAgainWhenItHasNotChanged() throws Exception {
        server = request -> {
            HttpServerResponse response = request.response();
            if ("\"v1\"".equals(request.getHeader("If-None-Match"))
                    && "Mon, 23 Nov 2026 00:00:00 GMT".equals(request.getHeader("If-Modified-Since"))) {
                response.setStatusCode(304).end();
            } else {
                response.putHeader("ETag", "\"v1\"")
                        .putHeader("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
                        .end(list(entry("old", "2")));
            }
        };
        assertThat(updates.poll()).isTrue();
        assertThat(updates.poll()).isTrue();
        assertThat(asked).containsExactly(null, "\"v1\"");
        assertThat(meters.get("tokenmeter.prices.update.looks")
                        .tag("outcome", "unchanged")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(topic).hasSize(1);
    }

    @Test
    void whatIsBrokenOrAwayChangesNothingAndIsReported() throws Exception {
        updates = updates(Map.of("pricing.update.timeout", "2s"));
        answer(list(entry("old", "2")));
        updates.poll();
        Map<String, Price> before = Map.copyOf(topic);
        Map<Consumer<HttpServerRequest>, String> badDays = Map.of(
                request -> request.response().setStatusCode(503).end("down"), "HTTP 503",
                request -> request.response().end("<html>"), "JSON",
                request -> request.response().end("{\"error\": \"not found\"}"), "no price",
                request -> request.response().end("{\"prices\": []}"), "no price",
                request -> request.connection().close(), "",
                request -> request.response().setChunked(true).write("{\"prices\": ["), "pricing.update.timeout");
        for (Map.Entry<Consumer<HttpServerRequest>, String> bad : badDays.entrySet()) {
            server = bad.getKey();
            assertThat(updates.poll()).isFalse();
            assertThat(updates.report().error()).contains(bad.getValue());
            assertThat(topic).isEqualTo(before);
            assertThat(updates.report().held()).isEmpty();
            assertThat(updates.readiness().up()).isTrue();
            assertThat(updates.readiness().detail()).contains("/prices.json").doesNotContain("secret");
        }
        assertThat(meters.get("tokenmeter.prices.update.looks")
                        .tag("outcome", "failed")
                        .counter()
                        .count())
                .isEqualTo(badDays.size());

        answer(list(entry("old", "3")));
        assertThat(updates.poll()).isTrue();
        assertThat(updates.readiness().detail()).isEmpty();
        assertThat(rate("old", now)).isEqualTo("3");
    }

    @Test
    void aLoginInTheUrlIsSentAsOne() throws Exception {
        List<String> logins = new ArrayList<>();
        server = request -> {
            logins.add(request.getHeader("Authorization"));
            request.response().end(list(entry("old", "2")));
        };
        assertThat(updates.poll()).isTrue();
        assertThat(logins).containsExactly("Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void aListThatIsTooLongIsGivenUp() throws Exception {
        updates = updates(Map.of("pricing.update.max-bytes", "100"));
        answer(list(entry("old", "2"), entry("b", "2")));
        assertThat(updates.poll()).isFalse();
        assertThat(updates.report().error()).contains("pricing.update.max-bytes");
    }

    @Test
    void onlyTheOneThatLeadsRecordsAndTheOthersTellWhatIsHeldBackToo() throws Exception {
        answer(list(entry("old", "2")));
        leads = false;
        updates.poll();
        assertThat(topic).isEmpty();
        leads = true;
        updates.poll();
        assertThat(rate("old", now)).isEqualTo("2");
        leads = false;
        answer(list(entry("old", "200")));
        updates.poll();
        assertThat(heldBack()).containsExactly(OLD);
    }

    @Test
    void aListOverwritesNoPriceThatAnOperatorSet() throws Exception {
        String own = entry("old", "2").replaceFirst("\\{", "{\"id\": \"house\", ");
        Price house = PriceFile.read(new ByteArrayInputStream(list(own).getBytes(StandardCharsets.UTF_8)), "api")
                .get(0);
        topic.put("house", house);
        answer(list(own.replace("\"2\"", "\"3\"")));
        updates.poll();
        assertThat(topic).containsExactly(Map.entry("house", house));
        assertThat(heldBack()).containsExactly("house");
    }

    @Test
    void whatIsDismissedIsNotToldAgainUntilTheListSaysSomethingElseAndCanStillBeAccepted() throws Exception {
        answer(list(entry("old", "2"), entry("gone", "5")));
        updates.poll();
        answer(list(entry("old", "200")));
        updates.poll();
        assertThat(updates.dismiss("update:p/none", "ann")).isEmpty();
        assertThat(updates.dismiss(OLD, "ann")).contains("uncached_input_tokens from 2 to 200");
        assertThat(updates.dismiss(OLD, "ann")).isEmpty();
        assertThat(heldBack()).containsExactly("update:p/gone");
        assertThat(updates.report().dismissed())
                .extracting(UpdateReport.Held::priceId)
                .containsExactly(OLD);
        assertThat(meters.get("tokenmeter.prices.update.held.back").gauge().value())
                .isEqualTo(1);

        updates.poll();
        assertThat(heldBack()).containsExactly("update:p/gone");
        assertThat(rate("old", now)).isEqualTo("2");

        answer(list(entry("old", "300")));
        updates.poll();
        assertThat(heldBack()).containsExactly(OLD, "update:p/gone");
        assertThat(updates.report().dismissed()).isEmpty();

        assertThat(updates.dismiss(OLD, "ann")).isPresent();
        assertThat(updates.accept(OLD)).contains("uncached_input_tokens from 2 to 300");
        assertThat(rate("old", now)).isEqualTo("300");
        assertThat(updates.report().dismissed()).isEmpty();
    }

    @Test
    void aFileIsPolledLikeAUrl(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("prices.json");
        Settings settings = Settings.of(Map.of("pricing.update.file", file.toString()));
        updates = new PriceUpdates(
                UpdateSettings.from(settings).orElseThrow(),
                known,
                prices -> prices.forEach(price -> topic.put(price.id(), price)),
                () -> true,
                dismissals,
                meters,
                clock);
        assertThat(updates.poll()).isFalse();
        assertThat(updates.report().error()).contains("does not exist");
        Files.writeString(file, list(entry("old", "2")));
        assertThat(updates.poll()).isTrue();
        assertThat(rate("old", now)).isEqualTo("2");
    }

    @Test
    void aListOfAnotherFormatThanStatedIsRefusedAndWrongSettingsAreNamed() throws Exception {
        updates = updates(Map.of("pricing.update.format", "litellm"));
        answer(list(entry("old", "2")));
        assertThat(updates.poll()).isFalse();
        assertThat(updates.report().error()).contains("LITELLM");
        assertThatThrownBy(() -> updates(Map.of("pricing.update.file", "x")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("pricing.update.file");
        assertThatThrownBy(() -> updates(Map.of("pricing.update.name", "api")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("pricing.update.name");
        assertThat(UpdateSettings.from(Settings.of(Map.of()))).isEmpty();
    }
}
