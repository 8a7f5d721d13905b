package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoint;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.QuantityQueries;
import java.time.Clock;
import java.time.Instant;

/** {@code /api/v1/what-if}: what past traffic would have cost under other models or prices. */
public final class WhatIfEndpoint implements Endpoint {
    private static final String PATH = "/api/v1/what-if";

    private final QuantityQueries queries;
    private final PriceFeed prices;
    private final Clock clock;

    public WhatIfEndpoint(QuantityQueries queries, PriceFeed prices, Clock clock) {
        this.queries = queries;
        this.prices = prices;
        this.clock = clock;
    }

    /** Puts it on its path; with POST the body gives prices. */
    public void register(Endpoints endpoints) {
        endpoints.get(PATH, WhatIfParameters.NAMES, this);
        endpoints.post(PATH, WhatIfParameters.NAMES, this);
    }

    @Override
    public ApiAnswer answer(ApiRequest request) {
        String format = request.parameters().text("format").orElse("json");
        if (!format.equals("json") && !format.equals("csv")) {
            throw Problem.badParameter("format", "found '" + format + "'", "json, csv");
        }
        Instant now = clock.instant();
        Question question = WhatIfParameters.read(request, prices.book(), now);
        WhatIfAnswer answer = answer(question, now);
        return format.equals("csv")
                ? ApiAnswer.text("text/csv; charset=utf-8", WhatIfCsv.of(answer))
                : WhatIfJson.of(answer);
    }

    private WhatIfAnswer answer(Question question, Instant now) {
        try {
            return WhatIfAnswer.of(question, new Revaluation(queries, question, now).run());
        } catch (QuantityQueries.TooManyException e) {
            throw Problem.badParameter(
                    "group_by", e.getMessage(), "fewer dimensions, longer windows, a shorter range or a filter");
        }
    }
}
