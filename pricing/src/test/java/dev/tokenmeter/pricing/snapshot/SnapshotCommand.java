package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceFileWriter;
import dev.tokenmeter.pricing.lists.PriceList;
import dev.tokenmeter.pricing.lists.PriceLists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes the shipped price list, and a report of what was left out and why. Arguments: the folder with {@code genai.json},
 * {@code litellm.json} and {@code sources.properties} as {@code fetch.mjs} leaves them; the list; the report.
 */
public final class SnapshotCommand {
    private SnapshotCommand() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Properties sources = new Properties();
        try (var in = Files.newBufferedReader(folder.resolve("sources.properties"))) {
            sources.load(in);
        }
        LocalDate made = LocalDate.parse(sources.getProperty("made"));
        PriceList dated = PriceLists.read(Files.readAllBytes(folder.resolve("genai.json")), "genai-prices");
        PriceList current = PriceLists.read(Files.readAllBytes(folder.resolve("litellm.json")), "litellm");
        Snapshot snapshot = new Snapshot(made.atStartOfDay(ZoneOffset.UTC).toInstant());
        List<Price> prices = snapshot.merge(dated, current);

        Map<String, String> head = new LinkedHashMap<>();
        head.put("format", "tokenmeter-prices/1");
        head.put("made", made.toString());
        head.put("made_by", "npm ci && npm start in pricing/snapshot");
        head.put("rates", sources.getProperty("litellm"));
        head.put("history", sources.getProperty("genai"));
        Files.writeString(Path.of(args[1]), PriceFileWriter.write(head, prices));
        Files.writeString(Path.of(args[2]), report(head, prices, snapshot, List.of(dated, current)));
        System.out.println(prices.size() + " prices of " + models(prices).size() + " models");
    }

    private static Set<String> models(List<Price> prices) {
        Set<String> models = new TreeSet<>();
        for (Price price : prices) {
            price.names().models().forEach(name -> models.add(price.provider() + "/" + name));
            price.names().datedModels().forEach(name -> models.add(price.provider() + "/" + name));
        }
        return models;
    }

    private static String report(
            Map<String, String> head, List<Price> prices, Snapshot snapshot, List<PriceList> lists) {
        StringBuilder text = new StringBuilder("# What the shipped prices are made of, and what they leave out\n\n"
                + "Written by the command that writes the prices; not by hand.\n\n");
        head.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("- ")
                .append(prices.size())
                .append(" prices of ")
                .append(models(prices).size())
                .append(" model names\n");
        text.append("\n| provider | model names |\n|---|---|\n");
        models(prices).stream()
                .collect(Collectors.groupingBy(
                        name -> name.substring(0, name.indexOf('/')), TreeMap::new, Collectors.counting()))
                .forEach((provider, count) -> text.append("| ")
                        .append(provider)
                        .append(" | ")
                        .append(count)
                        .append(" |\n"));
        text.append(
                "\n## Where the two lists differ\n\nThe fresher one's price holds from the day on which the snapshot was"
                        + " made, the other's until then.\n\n");
        snapshot.differences().forEach(line -> text.append("- ").append(line).append('\n'));
        text.append("\n## Left out, and taken in part\n\n");
        for (PriceList list : lists) {
            list.findings().stream()
                    .filter(finding -> isOurs(finding.entry()))
                    .forEach(finding -> text.append("- ")
                            .append(finding.taken() ? "" : "**left out** ")
                            .append('`')
                            .append(finding.entry())
                            .append("`: ")
                            .append(finding.what())
                            .append('\n'));
        }
        return text.toString();
    }

    private static boolean isOurs(String entry) {
        String provider = entry.contains("/") ? entry.substring(0, entry.indexOf('/')) : "";
        return provider.isEmpty()
                || Snapshot.CURRENT.contains(provider)
                || Set.of("google", "x-ai", "openrouter").contains(provider);
    }
}
