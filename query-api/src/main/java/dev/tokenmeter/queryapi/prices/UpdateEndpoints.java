package dev.tokenmeter.queryapi.prices;

import dev.tokenmeter.pricefeed.update.PriceUpdates;
import dev.tokenmeter.pricefeed.update.UpdateReport;
import dev.tokenmeter.queryapi.control.Body;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/prices/updates}: how the polling of a list stands, and deciding on what it held back. */
public final class UpdateEndpoints {
    private static final String PATH = "/api/v1/prices/updates";
    private static final int SHOWN = 1_000;

    private final Optional<PriceUpdates> updates;

    /** @param updates empty where no list is polled */
    public UpdateEndpoints(Optional<PriceUpdates> updates) {
        this.updates = updates;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get(PATH, Set.of(), this::report);
        endpoints.post(PATH + "/accept", this::accept);
        endpoints.post(PATH + "/dismiss", this::dismiss);
    }

    private ApiAnswer report(ApiRequest request) {
        request.access().requireAll();
        return ApiAnswer.data(
                updates.map(PriceUpdates::report).map(UpdateEndpoints::json).orElseGet(() -> Map.of("enabled", false)));
    }

    private static Map<String, Object> json(UpdateReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("enabled", true);
        json.put("from", report.from());
        json.put("leads", report.leads());
        json.put("attempted_at", report.attemptedAt());
        json.put("succeeded_at", report.succeededAt());
        json.put("error", report.error());
        json.put("prices", report.prices());
        json.put("unread", report.unread());
        json.put("taken_total", report.taken().size());
        json.put(
                "taken",
                first(report.taken().stream()
                        .map(one -> change(one.priceId(), "what", one.what()))
                        .toList()));
        json.put("held_back_total", report.held().size());
        json.put("held_back", held(report.held()));
        json.put("dismissed_total", report.dismissed().size());
        json.put("dismissed", held(report.dismissed()));
        return json;
    }

    private static List<Map<String, Object>> held(List<UpdateReport.Held> changes) {
        return first(changes.stream()
                .map(one -> {
                    Map<String, Object> held = change(one.priceId(), "reason", one.reason());
                    held.put("acceptable", one.acceptable());
                    return held;
                })
                .toList());
    }

    private static Map<String, Object> change(String id, String name, String what) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("price_id", id);
        json.put(name, what);
        return json;
    }

    private static List<Map<String, Object>> first(List<Map<String, Object>> all) {
        return all.subList(0, Math.min(SHOWN, all.size()));
    }

    private ApiAnswer accept(ApiRequest request) {
        request.access().requireAdminOfAll();
        String id = new Body(request.body(), Set.of("price_id")).requiredText("price_id");
        try {
            String accepted = polled().accept(id)
                    .orElseThrow(() -> Problem.badParameter(
                            "price_id", "found '" + id + "'", "one that is held back and acceptable, see GET " + PATH));
            return ApiAnswer.data(change(id, "accepted", accepted));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (IOException e) {
            throw Problem.unavailable("Kafka did not take the change; it may or may not come to hold. Try again.");
        }
    }

    private ApiAnswer dismiss(ApiRequest request) {
        request.access().requireAdminOfAll();
        String id = new Body(request.body(), Set.of("price_id")).requiredText("price_id");
        String dismissed = polled().dismiss(id, request.access().name())
                .orElseThrow(() -> Problem.badParameter(
                        "price_id", "found '" + id + "'", "one that is held back, see GET " + PATH));
        return ApiAnswer.data(change(id, "dismissed", dismissed));
    }

    private PriceUpdates polled() {
        return updates.orElseThrow(() -> Problem.badRequest(
                "No price list is polled; set pricing.update.url or pricing.update.file to poll one."));
    }
}
