package dev.tokenmeter.queryapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleEndpointsTest {
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
    void aRuleIsMadeReplacedByItsNextVersionListedAndRemoved() throws Exception {
        JsonObject body = JsonObject.of("tenant", "acme", "name", "Slow answers", "kind", "latency")
                .put("threshold", 2500)
                .put("dimensions", JsonObject.of("provider", "openai"));
        Answer made = api.send("POST", "/api/v1/alert-rules", body);
        assertThat(made.status()).isEqualTo(201);
        JsonObject rule = made.json().getJsonObject("data");
        assertThat(rule.getInteger("version")).isEqualTo(1);
        assertThat(rule.getInteger("window_seconds")).isEqualTo(600);
        assertThat(rule.getInteger("percentile")).isEqualTo(99);
        String path = "/api/v1/alert-rules/" + rule.getString("rule_id");

        body.put("threshold", 3000.5).put("version", 1);
        assertThat(api.send("PUT", path, body).status()).isEqualTo(200);
        assertThat(api.data(path).getInteger("version")).isEqualTo(2);
        assertThat(api.data(path).getDouble("threshold")).isEqualTo(3000.5);
        Answer outdated = api.send("PUT", path, body);
        assertThat(outdated.status()).isEqualTo(400);
        assertThat(outdated.json().getString("parameter")).isEqualTo("version");
        assertThat(api.rows("/api/v1/alert-rules?tenant=acme")).hasSize(1);
        assertThat(api.send("DELETE", path, null).status()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'n','kind':'error_rate'} | tenant",
                "{'tenant':'a','kind':'error_rate'} | name",
                "{'tenant':'a','name':'n','kind':'errors'} | threshold",
                "{'tenant':'a','name':'n','kind':'errors','threshold':1} | kind",
                "{'tenant':'a','name':'n','kind':'latency'} | threshold",
                "{'tenant':'a','name':'n','kind':'error_rate','threshold':101} | threshold",
                "{'tenant':'a','name':'n','kind':'error_rate','severity':'loud'} | severity",
                "{'tenant':'a','name':'n','kind':'error_rate','window_seconds':59} | window_seconds",
                "{'tenant':'a','name':'n','kind':'error_rate','dimensions':{'operation':'chat'}} | dimensions",
                "{'tenant':'a','name':'n','kind':'pipeline_lag'} | tenant",
            })
    void aWrongFieldIsNamed(String body, String parameter) throws Exception {
        Answer answer = api.send("POST", "/api/v1/alert-rules", new JsonObject(body.replace('\'', '"')));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(parameter);
    }
}
