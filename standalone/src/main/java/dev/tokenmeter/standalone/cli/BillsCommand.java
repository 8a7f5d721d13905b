package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports what providers say themselves of what was used and charged. Exits with 0, or 1 with what is wrong. */
@Command(
        name = "bills",
        description = "Imports providers' own exports; docs/reconciliation.md says how to get them.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class BillsCommand {
    @Command(
            name = "import",
            description = "Imports an export. What was imported before of its days is replaced, never doubled.")
    int importBill(
            @Mixin ApiClient api,
            @Parameters(paramLabel = "FILE", description = "The provider's pages, JSON; or a CSV.") Path file,
            @Option(
                            names = "--format",
                            required = true,
                            description = "openai_costs, openai_usage, anthropic_cost, anthropic_usage or csv.")
                    String format,
            @Option(
                            names = "--provider",
                            paramLabel = "NAME",
                            description = "As calls name it; that of the format unless given.")
                    String provider,
            @Option(names = "--tenant", paramLabel = "NAME", description = "Whose calls; everyone's unless given.")
                    String tenant,
            @Option(
                            names = "--account",
                            paramLabel = "NAME",
                            description = "The project or workspace to which the export is limited.")
                    String account,
            @Option(
                            names = "--mapping",
                            paramLabel = "FIELD=COLUMN,...",
                            description = "For csv: day=date,model=model,amount=cost.")
                    String mapping,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws InterruptedException {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("format", format);
        query.put("provider", provider);
        query.put("tenant", tenant);
        query.put("account", account);
        query.put("mapping", mapping);
        JsonNode result = api.upload(
                "/api/v1/bills" + ApiClient.query(query),
                format.equals("csv") ? "text/csv" : "application/json",
                bytes(file));
        System.out.println(json ? ApiClient.pretty(result) : summary(result));
        return 0;
    }

    /** The script changes into its own folder, and says where it was called from. */
    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(
                    Path.of(System.getProperty("tokenmeter.called-from", "")).resolve(file));
        } catch (IOException e) {
            throw new ApiClient.ApiException(file + " cannot be read: " + e.getMessage());
        }
    }

    private static String summary(JsonNode result) {
        List<String> lines = new ArrayList<>();
        List<String> amounts = new ArrayList<>();
        result.path("amounts")
                .properties()
                .forEach(amount -> amounts.add(amount.getValue().asText() + " " + amount.getKey()));
        lines.add(String.format(
                "%s: %,d days, %s to %s; %,d lines read%s",
                result.path("provider").asText(),
                result.path("days").asLong(),
                result.path("first_day").asText(),
                result.path("last_day").asText(),
                result.path("lines_read").asLong(),
                amounts.isEmpty() ? "" : "; " + String.join(", ", amounts)));
        result.path("skipped")
                .forEach(one -> lines.add(String.format(
                        "skipped %,d: %s",
                        one.path("lines").asLong(), one.path("reason").asText())));
        if (!result.path("complete").asBoolean(true)) {
            lines.add("The last page says that there are more; import them too.");
        }
        return String.join(System.lineSeparator(), lines);
    }
}
