package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StandaloneExtension.class)
class DashboardTest {
    private static final Pattern MONTH_SPEND =
            Pattern.compile("<[^>]*\\bid=\"month-spend\"[^>]*\\bdata-value=\"([^\"]*)\"|"
                    + "<[^>]*\\bdata-value=\"([^\"]*)\"[^>]*\\bid=\"month-spend\"");

    private final RunningStandalone product;

    DashboardTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void thePageShowsTheMonthsSpendToTheDigit() throws Exception {
        Chromium chromium = Chromium.find().orElse(null);
        Assumptions.assumeTrue(chromium != null, "no Chromium or Chrome on the PATH: the page was not tested");
        UsageEvent event = TestEvents.costing("page-tenant", Instant.now(), new BigDecimal("12.345678"));
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event))
                    .get();
        }
        await(
                "the spend in the API",
                () -> product.get("/api/v1/views/month-spend?tenant=page-tenant")
                        .getJsonObject("data")
                        .getString("cost_usd")
                        .equals("12.345678"));

        String page = chromium.documentOf(URI.create(product.standalone.queryApi() + "/?tenant=page-tenant"));

        Matcher spend = MONTH_SPEND.matcher(page);
        assertThat(spend.find())
                .as("an element with id month-spend and a data-value in " + page)
                .isTrue();
        assertThat(spend.group(1) != null ? spend.group(1) : spend.group(2)).isEqualTo("12.345678");
        assertThat(page)
                .contains("view-daily-trend")
                .contains("view-by-model")
                .contains("view-by-tag")
                .contains("view-cost-per-request")
                .contains("view-token-breakdown")
                .contains("view-budgets");
    }
}
