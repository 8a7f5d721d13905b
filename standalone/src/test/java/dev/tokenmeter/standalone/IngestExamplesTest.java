package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The clients in docs/examples tell of calls, and their cost comes out of the API, exact. */
@ExtendWith(StandaloneExtension.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IngestExamplesTest {
    private static final Path EXAMPLES =
            Path.of("..", "docs", "examples").toAbsolutePath().normalize();

    private final RunningStandalone product;

    IngestExamplesTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void theOneInJavaSendsAnEmbeddingsCall() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        run(java, "SendUsage.java");
        assertCost("search", "0.00016"); // 8,000 at $0.02 a million
    }

    @Test
    void theOneInJavaScriptSendsACallOfAnthropics() throws Exception {
        run("node", "send-usage.js");
        assertCost("triage", "0.0021"); // 200 at $3, 1,000 cached at $0.30, 80 at $15 a million
    }

    @Test
    void theOneInPythonSendsACallOfOpenAis() throws Exception {
        assumeTrue(hasPython(), "python3 is not here");
        run("python3", "send_usage.py");
        assertCost("nightly-summary", "0.00472"); // 176 at $2.50, 1,024 cached at $1.25, 300 at $10 a million
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void run(String command, String file) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command, EXAMPLES.resolve(file).toString()).redirectErrorStream(true);
        builder.environment()
                .put("TOKENMETER_URL", product.standalone.queryApi().toString());
        builder.environment().remove("TOKENMETER_TOKEN");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("accepted");
    }

    private void assertCost(String feature, String usd) {
        String path = "/api/v1/usage?filter.tag.feature=" + feature + "&metrics=cost_usd,requests&from="
                + Instant.now().minusSeconds(7_200);
        await("the call of " + feature, () -> {
            JsonArray rows = product.data(path);
            return rows.size() == 1 && rows.getJsonObject(0).getLong("requests") == 1;
        });
        JsonObject row = product.data(path).getJsonObject(0);
        assertThat(row.getString("cost_usd")).isEqualTo(usd);
    }
}
