package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.whatif.Scenario.Suppositions;
import dev.tokenmeter.queryapi.whatif.WhatIfAnswer.Assumed;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer as JSON. */
final class WhatIfJson {
    private WhatIfJson() {}

    static ApiAnswer of(WhatIfAnswer answer) {
        return ApiAnswer.data(
                answer.rows().stream().map(row -> row(answer.question(), row)).toList(), meta(answer));
    }

    /** Names of what a row has, in order. */
    static Collection<String> columns(Question question) {
        Instant window =
                question.bucket() == Bucket.NONE ? null : question.range().from();
        List<String> values = Collections.nCopies(question.groupBy().size(), "");
        return row(question, new WhatIfAnswer.Row(window, values, new Tally())).keySet();
    }

    static Map<String, Object> row(Question question, WhatIfAnswer.Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (row.window() != null) {
            json.put("window_start", row.window());
        }
        for (int i = 0; i < row.dimensions().size(); i++) {
            json.put(question.groupBy().get(i).dimensionName(), row.dimensions().get(i));
        }
        add(json, row.tally());
        return json;
    }

    private static void add(Map<String, Object> json, Tally tally) {
        json.put("requests", tally.requests());
        json.put("cost_usd", tally.cost());
        json.put("unpriced_requests", tally.unpriced());
        json.put("what_if_cost_usd", tally.supposedCost());
        json.put("what_if_unpriced_requests", tally.supposedUnpriced());
        json.put("what_if_unpriced_tokens", tally.supposedUnpricedTokens());
        json.put("compared_cost_usd", tally.comparedCost());
        json.put("difference_usd", tally.difference());
        json.put("difference_percent", tally.differencePercent());
    }

    private static Map<String, Object> meta(WhatIfAnswer answer) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("from", answer.question().range().from());
        meta.put("to", answer.question().range().until());
        meta.put("source", source(answer));
        meta.put("requests_from_events", answer.requestsFromEvents());
        meta.put("as_of", answer.asOf());
        meta.put("truncated", answer.truncated());
        meta.put("what_if", supposed(answer.question().scenario().supposed()));
        Map<String, Object> total = new LinkedHashMap<>();
        add(total, answer.total());
        meta.put("total", total);
        meta.put("what_if_unpriced", unpriced(answer));
        meta.put("assumptions", assumptions(answer.assumed()));
        return meta;
    }

    private static String source(WhatIfAnswer answer) {
        if (answer.requestsFromEvents() == 0) {
            return "rollups";
        }
        return answer.requestsFromEvents() == answer.total().requests() ? "events" : "rollups and events";
    }

    private static Map<String, Object> supposed(Suppositions supposed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", supposed.everything() == null ? null : name(supposed.everything()));
        Map<String, String> map = new LinkedHashMap<>();
        supposed.models().forEach((from, to) -> map.put(name(from), name(to)));
        json.put("map", map);
        json.put("service_tier", supposed.serviceTier());
        json.put("prices_at", supposed.pricesAt());
        json.put("factor", unlessOne(supposed.factor()));
        json.put("token_factor", unlessOne(supposed.tokenFactor()));
        return json;
    }

    private static BigDecimal unlessOne(BigDecimal factor) {
        return factor.compareTo(BigDecimal.ONE) == 0 ? null : factor;
    }

    private static String name(Model model) {
        return model.provider() + "/" + model.name();
    }

    private static List<Map<String, Object>> unpriced(WhatIfAnswer answer) {
        List<Map<String, Object>> list = new ArrayList<>();
        answer.unpriced().forEach((lack, tally) -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("provider", lack.model().provider());
            json.put("model", lack.model().name());
            json.put("priced_as", name(lack.answering()));
            json.put("reason", lack.reason());
            json.put("requests", tally.supposedUnpriced());
            json.put("tokens", tally.supposedUnpricedTokens());
            json.put("cost_usd", tally.lackingCost());
            list.add(json);
        });
        return list;
    }

    private static List<Map<String, Object>> assumptions(Assumed assumed) {
        List<Map<String, Object>> list = new ArrayList<>();
        add(
                list,
                "same_tokens",
                "requests",
                assumed.substituted(),
                "Another model is taken to count as many tokens (times token_factor), and to answer as long, as the one that answered.");
        add(
                list,
                "standard_service_tier",
                "requests",
                assumed.otherTier(),
                "Where the other model has no price for a call's service tier, the standard tier's is taken.");
        add(
                list,
                "any_region",
                "requests",
                assumed.anyRegion(),
                "Where the other model has no price for a call's region, the one without a region is taken.");
        add(
                list,
                "plain_input",
                "tokens",
                assumed.movedTokens(),
                "Cached tokens and images that the other model has no rate for count as plain input.");
        return list;
    }

    private static void add(List<Map<String, Object>> list, String assumption, String of, long count, String sentence) {
        if (count > 0) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("assumption", assumption);
            json.put(of, count);
            json.put("detail", sentence);
            list.add(json);
        }
    }
}
