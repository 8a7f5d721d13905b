package dev.tokenmeter.queryapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SilenceEndpointsTest {
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @Test
    void aSilenceIsMadeReplacedListedAndRemoved() throws Exception {
        Instant ends = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
        JsonObject body = JsonObject.of("tenant", "acme", "ends_at", ends.toString(), "comment", "Load test")
                .put("matchers", JsonArray.of("kind=anomaly", "tag.team=~\"growth|search\""));
        Answer made = api.send("POST", "/api/v1/silences", body);
        assertThat(made.status()).isEqualTo(201);
        JsonObject silence = made.json().getJsonObject("data");
        String path = "/api/v1/silences/" + silence.getString("silence_id");
        assertThat(silence.getString("state")).isEqualTo("active");
        assertThat(silence.getString("ends_at")).isEqualTo(ends.toString());

        body.put("starts_at", ends.minusSeconds(60).toString());
        assertThat(api.send("PUT", path, body).status()).isEqualTo(200);
        assertThat(api.data(path).getString("state")).isEqualTo("pending");
        assertThat(api.data(path).getJsonArray("matchers"))
                .isEqualTo(JsonArray.of("kind=anomaly", "tag.team=~\"growth|search\""));
        assertThat(api.rows("/api/v1/silences?tenant=acme")).hasSize(1);
        assertThat(api.send("PUT", path, body.copy().put("tenant", "beta")).status())
                .isEqualTo(400);
        assertThat(api.send("DELETE", path, null).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(api.send("PUT", path, body).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'tenant':'a'} | ends_at",
                "{'ends_at':'2100-01-01T00:00:00Z'} | tenant",
                "{'tenant':'a','starts_at':'2027-01-01T00:00:00Z','ends_at':'2027-01-01T00:00:00Z'} | ends_at",
                "{'tenant':'a','ends_at':'2100-01-01T00:00:00Z'} | ends_at",
                "{'tenant':'a','ends_at':'tomorrow'} | ends_at",
                "{'tenant':'a','starts_at':'+300000-01-01T00:00:00Z','ends_at':'+300000-01-02T00:00:00Z'} | starts_at",
                "{'tenant':'a','starts_at':'2027-01-01T00:00:00Z','ends_at':'2027-01-02T00:00:00Z','matchers':['x']} | matchers",
                "{'tenant':'a','starts_at':'2027-01-01T00:00:00Z','ends_at':'2027-01-02T00:00:00Z','matcher':[]} | matcher",
            })
    void aWrongFieldIsNamed(String body, String parameter) throws Exception {
        Answer answer = api.send("POST", "/api/v1/silences", new JsonObject(body.replace('\'', '"')));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(parameter);
    }

    @Test
    void whatEndedLongAgoIsForgottenWhenTheNextIsMade() throws Exception {
        for (int month : List.of(8, 11)) { // now is 23 November
            api.send(
                    "POST",
                    "/api/v1/silences",
                    JsonObject.of("tenant", "old", "comment", "month " + month)
                            .put("starts_at", "2026-%02d-01T00:00:00Z".formatted(month))
                            .put("ends_at", "2026-%02d-02T00:00:00Z".formatted(month)));
        }
        assertThat(api.get("/api/v1/silences?tenant=old").body())
                .contains("month 11")
                .contains("expired")
                .doesNotContain("month 8");
    }
}
