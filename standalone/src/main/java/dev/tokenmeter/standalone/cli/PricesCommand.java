package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What models cost, what operators set, and what a polled list held back. Each exits with 0, or 1 with what is wrong. */
@Command(
        name = "prices",
        description = "Shows and sets prices; docs/pricing.md says what they mean.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class PricesCommand {
    private static final String PATH = "/api/v1/prices";

    @Command(name = "list", description = "Lists prices, the source that is asked first standing first.")
    int list(
            @Mixin ApiClient api,
            @Option(names = "--provider", paramLabel = "NAME") String provider,
            @Option(names = "--model", paramLabel = "NAME", description = "As the price lists it.") String model,
            @Option(names = "--tenant", paramLabel = "NAME", description = "Only prices of this tenant.") String tenant,
            @Option(names = "--source", description = "file, api, update or shipped.") String source,
            @Option(names = "--limit", defaultValue = "200", description = "At most so many; default 200.") int limit,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws InterruptedException {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("provider", provider);
        query.put("model", model);
        query.put("tenant", tenant);
        query.put("source", source);
        query.put("limit", Integer.toString(limit));
        JsonNode prices = api.get(PATH + ApiClient.query(query));
        System.out.println(json ? ApiClient.pretty(prices) : PriceTable.prices(prices));
        return 0;
    }

    @Command(
            name = "set",
            description = "Sets a price, or in place of rates a factor on what the sources after it charge.")
    int set(
            @Mixin ApiClient api,
            @Parameters(paramLabel = "ID", description = "Its id; what has that id already is replaced.") String id,
            @Option(names = "--provider", required = true, paramLabel = "NAME", description = "* for all.")
                    String provider,
            @Option(names = "--model", paramLabel = "NAME", description = "An exact name; may be repeated.")
                    List<String> models,
            @Option(names = "--pattern", paramLabel = "PATTERN", description = "Names with * in them; may be repeated.")
                    List<String> patterns,
            @Option(names = "--tenant", paramLabel = "NAME", description = "Whose calls; everyone's unless given.")
                    String tenant,
            @Option(names = "--factor", paramLabel = "FACTOR", description = "0.85 is 15 %% off, 1.2 a mark-up.")
                    String factor,
            @Option(
                            names = "--per-million",
                            paramLabel = "KIND=USD",
                            description = "USD for a million tokens: uncached_input_tokens=2.50; may be repeated.")
                    Map<String, String> perMillion,
            @Option(names = "--per-unit", paramLabel = "UNIT=USD", description = "USD for one; may be repeated.")
                    Map<String, String> perUnit,
            @Option(names = "--service-tier", paramLabel = "TIER", description = "May be repeated.") List<String> tiers,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            description = "A day or a time, UTC; always unless given.",
                            converter = RepriceCommand.Time.class)
                    Instant from,
            @Option(
                            names = "--until",
                            paramLabel = "TIME",
                            description = "Exclusive.",
                            converter = RepriceCommand.Time.class)
                    Instant until,
            @Option(names = "--note", paramLabel = "TEXT", description = "For people.") String note,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        put(body, "tenant", tenant);
        put(body, "provider", provider);
        put(body, "models", models);
        put(body, "patterns", patterns);
        put(body, "service_tiers", tiers);
        put(body, "from", from == null ? null : from.toString());
        put(body, "until", until == null ? null : until.toString());
        put(body, "usd_per_million_tokens", perMillion);
        put(body, "usd_per_unit", perUnit);
        put(body, "factor", factor);
        put(body, "note", note);
        JsonNode price = api.send("PUT", PATH + "/" + ApiClient.encoded(id), body);
        System.out.println(json ? ApiClient.pretty(price) : PriceTable.prices(List.of(price)));
        return 0;
    }

    @Command(name = "remove", description = "Takes back a price that was set.")
    int remove(@Mixin ApiClient api, @Parameters(paramLabel = "ID") String id) throws InterruptedException {
        api.send("DELETE", PATH + "/" + ApiClient.encoded(id), null);
        System.out.println("Price " + id + " is gone; what it priced keeps its cost until it is re-priced.");
        return 0;
    }

    @Command(name = "held-back", description = "Shows how polling stands, and which changes wait for you.")
    int heldBack(@Mixin ApiClient api, @Option(names = "--json", description = "Print JSON.") boolean json)
            throws InterruptedException {
        JsonNode updates = api.get(PATH + "/updates");
        System.out.println(json ? ApiClient.pretty(updates) : PriceTable.updates(updates));
        return 0;
    }

    @Command(name = "accept", description = "Accepts changes that were held back; they hold from now on.")
    int accept(@Mixin ApiClient api, @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids)
            throws InterruptedException {
        for (String id : ids) {
            JsonNode accepted = api.send("POST", PATH + "/updates/accept", Map.of("price_id", id));
            System.out.println(id + ": " + accepted.path("accepted").asText());
        }
        return 0;
    }

    @Command(
            name = "dismiss",
            description =
                    "Lets changes that were held back be; the prices stay as they are until the list changes again.")
    int dismiss(@Mixin ApiClient api, @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids)
            throws InterruptedException {
        for (String id : ids) {
            JsonNode dismissed = api.send("POST", PATH + "/updates/dismiss", Map.of("price_id", id));
            System.out.println(
                    id + ": stays, dismissed: " + dismissed.path("dismissed").asText());
        }
        return 0;
    }

    private static void put(Map<String, Object> body, String name, Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
