package dev.tokenmeter.queryapi.bills;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code POST /api/v1/bills}: imports a provider's own export. A tenant's admin imports those of its own accounts. */
public final class BillEndpoint {
    /** Where it is. */
    public static final String PATH = "/api/v1/bills";

    private static final Set<String> PARAMETERS = Set.of("provider", "format", "tenant", "account", "mapping");
    private static final Set<String> MEDIA_TYPES = Set.of("application/json", "application/x-ndjson", "text/csv");

    private final BillLog log;
    private final Clock clock;

    public BillEndpoint(BillLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Puts it on its path. */
    public void register(Endpoints endpoints) {
        endpoints.upload(PATH, PARAMETERS, MEDIA_TYPES, this::importBill);
    }

    private ApiAnswer importBill(ApiRequest request) {
        request.access().requireAdmin();
        Parameters parameters = request.parameters();
        String tenant = request.access().scope(parameters.text("tenant")).orElse("");
        BillFormat format = format(parameters);
        String provider = provider(parameters, format);
        BillSheet sheet = new BillSheet();
        reader(format, parameters).read(request.upload().bytes(), sheet);
        if (sheet.days().isEmpty()) {
            throw Problem.badRequest("body: there is no day in it that can be kept"
                    + (sheet.skipped().isEmpty()
                            ? ""
                            : ": " + String.join("; ", sheet.skipped().keySet())));
        }
        ProviderBill head = ProviderBill.newBuilder()
                .setTenant(tenant)
                .setProvider(provider)
                .setReport("")
                .setAccount(parameters.text("account").orElse(""))
                .setWindowStart(Instant.EPOCH)
                .setWindowEnd(Instant.EPOCH)
                .setLines(List.of())
                .setSource(format.label())
                .setImportId("imp_"
                        + Generators.timeBasedEpochGenerator()
                                .generate()
                                .toString()
                                .replace("-", ""))
                .setImportedAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
                .setImportedBy(request.access().name())
                .build();
        List<ProviderBill> bills = bills(head, sheet);
        log.write(bills);
        return ApiAnswer.created(json(head, sheet, bills));
    }

    private static BillFormat format(Parameters parameters) {
        String label = parameters.text("format").orElse("");
        return BillFormat.named(label)
                .orElseThrow(() -> Problem.badParameter(
                        "format",
                        label.isEmpty() ? "not given" : "found '" + label + "'",
                        String.join(", ", BillFormat.labels())));
    }

    private static String provider(Parameters parameters, BillFormat format) {
        String provider = parameters
                .text("provider")
                .or(format::provider)
                .orElseThrow(() -> Problem.badParameter("provider", "not given", "a provider as events name it"));
        if (!provider.matches("[a-z0-9][a-z0-9_-]{0,99}")) {
            throw Problem.badParameter(
                    "provider",
                    "found '" + provider + "'",
                    "a provider as events name it: lower-case letters, digits, - and _");
        }
        return provider;
    }

    private static BillReader reader(BillFormat format, Parameters parameters) {
        String mapping = parameters.text("mapping").orElse("");
        if ((format == BillFormat.CSV) == mapping.isEmpty()) {
            throw Problem.badParameter(
                    "mapping",
                    mapping.isEmpty() ? "not given" : "given for " + format.label(),
                    "which column holds what, with the format csv alone: day=date,model=model,amount=cost");
        }
        return switch (format) {
            case OPENAI_COSTS -> new OpenAiCostsReader();
            case OPENAI_USAGE -> new OpenAiUsageReader();
            case ANTHROPIC_COST -> new AnthropicCostReader();
            case ANTHROPIC_USAGE -> new AnthropicUsageReader();
            case CSV -> new CsvReader(CsvMapping.parse(mapping));
        };
    }

    private static List<ProviderBill> bills(ProviderBill head, BillSheet sheet) {
        List<ProviderBill> bills = new ArrayList<>();
        sheet.days()
                .forEach((slot, lines) -> bills.add(ProviderBill.newBuilder(head)
                        .setReport(slot.report())
                        .setWindowStart(slot.day())
                        .setWindowEnd(slot.day().plus(Duration.ofDays(1)))
                        .setLines(lines)
                        .build()));
        return bills;
    }

    private static Map<String, Object> json(ProviderBill head, BillSheet sheet, List<ProviderBill> bills) {
        TreeSet<String> days = new TreeSet<>();
        TreeSet<String> reports = new TreeSet<>();
        Map<String, BigDecimal> amounts = new TreeMap<>();
        int kept = 0;
        for (ProviderBill bill : bills) {
            days.add(bill.getWindowStart().toString().substring(0, 10));
            reports.add(bill.getReport());
            kept += bill.getLines().size();
            for (BillLine line : bill.getLines()) {
                if (line.getAmount() != null) {
                    amounts.merge(line.getCurrency(), line.getAmount(), BigDecimal::add);
                }
            }
        }
        List<Map<String, Object>> skipped = new ArrayList<>();
        sheet.skipped().forEach((reason, count) -> skipped.add(Map.of("reason", reason, "lines", count)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("import_id", head.getImportId());
        json.put("provider", head.getProvider());
        json.put("format", head.getSource());
        json.put("tenant", head.getTenant().isEmpty() ? null : head.getTenant());
        json.put("account", head.getAccount().isEmpty() ? null : head.getAccount());
        json.put("reports", reports);
        json.put("days", days.size());
        json.put("first_day", days.first());
        json.put("last_day", days.last());
        json.put("lines_read", sheet.linesRead());
        json.put("lines_kept", kept);
        json.put("skipped", skipped);
        json.put("amounts", amounts);
        json.put("complete", sheet.complete());
        return json;
    }
}
