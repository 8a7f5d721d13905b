package dev.tokenmeter.standalone.demo;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.service.KafkaSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Tenants, keys, budgets and a past on the first start; traffic from then on. */
public final class Demo implements AutoCloseable {
    private static final BigDecimal SMALLEST_BUDGET = BigDecimal.valueOf(50);
    private static final Map<String, String> SHARE_SPENT = Map.of("acme", "0.62", "globex", "0.86", "initech", "1.04");

    private final Path folder;
    private final URI gateway;
    private final DemoApi api;
    private final KafkaSettings kafka;
    private final Pricer pricer;
    private DemoWorkload workload;

    /**
     * @param folder keeps what must survive a restart
     * @param gateway its base URL
     * @param queryApi its base URL
     */
    public Demo(Path folder, URI gateway, URI queryApi, KafkaSettings kafka, Pricer pricer) {
        this.folder = folder;
        this.gateway = gateway;
        this.api = new DemoApi(queryApi);
        this.kafka = kafka;
        this.pricer = pricer;
    }

    /** Sets up what is missing, then calls the gateway a few times a second until {@link #close}. Blocking. */
    public void start() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Map<String, DemoApi.Key> keys = api.keys(folder.resolve("keys.json"));
        Path seeded = folder.resolve("history-written");
        if (!Files.exists(seeded)) {
            setBudgets(new DemoHistory(kafka, pricer, keys).write(Instant.now()));
            Files.createFile(seeded);
        }
        workload = new DemoWorkload(gateway, keys);
        workload.start();
    }

    private void setBudgets(Map<String, BigDecimal> spent) throws IOException, InterruptedException {
        for (String tenant : Persona.TENANTS) {
            BigDecimal amount = spent.getOrDefault(tenant, BigDecimal.ZERO)
                    .divide(new BigDecimal(SHARE_SPENT.get(tenant)), -1, RoundingMode.HALF_UP)
                    .max(SMALLEST_BUDGET);
            api.budget("demo-" + tenant, tenant, "Monthly AI spend", amount.toPlainString());
        }
    }

    @Override
    public void close() {
        if (workload != null) {
            workload.close();
        }
    }
}
