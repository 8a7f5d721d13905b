package dev.tokenmeter.queryapi.control;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.schemas.alert.SilenceRules;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/silences}. What belongs to another tenant than the token's does not exist for it. */
public final class SilenceEndpoints {
    private static final Set<String> FIELDS = Set.of("tenant", "matchers", "starts_at", "ends_at", "comment");

    private static final Duration KEPT_AFTER_END = Duration.ofDays(30);
    private static final int MAX_FORGOTTEN_AT_ONCE = 100;

    private final CompactedTopic<AlertSilence> silences;
    private final Clock clock;

    /** Reads and writes the topic. */
    public SilenceEndpoints(CompactedTopic<AlertSilence> silences, Clock clock) {
        this.silences = silences;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/silences", Set.of("tenant"), this::list);
        endpoints.post("/api/v1/silences", this::create);
        endpoints.get("/api/v1/silences/:id", Set.of(), request -> ApiAnswer.data(json(visible(request))));
        endpoints.put("/api/v1/silences/:id", this::replace);
        endpoints.delete("/api/v1/silences/:id", this::delete);
    }

    private ApiAnswer list(ApiRequest request) {
        Optional<String> tenant = request.access().scope(request.parameters().text("tenant"));
        return ApiAnswer.data(silences.all().stream()
                .filter(silence -> tenant.isEmpty() || tenant.get().equals(silence.getTenant()))
                .map(this::json)
                .toList());
    }

    private AlertSilence visible(ApiRequest request) {
        return silences.get(request.id())
                .filter(silence -> request.access().sees(silence.getTenant()))
                .orElseThrow(() -> Problem.notFound("Silence " + request.id()));
    }

    private ApiAnswer create(ApiRequest request) {
        request.access().requireEditor();
        String id = "sil_"
                + Generators.timeBasedEpochGenerator().generate().toString().replace("-", "");
        AlertSilence silence = silence(id, new Body(request.body(), FIELDS), request.access());
        forgetOld();
        silences.put(id, silence);
        return ApiAnswer.created(json(silence));
    }

    /** Whoever adds one takes away what ended long ago, so that they do not grow for ever. */
    private void forgetOld() {
        Instant kept = clock.instant().minus(KEPT_AFTER_END);
        silences.all().stream()
                .filter(silence -> silence.getEndsAt().isBefore(kept))
                .limit(MAX_FORGOTTEN_AT_ONCE)
                .map(AlertSilence::getSilenceId)
                .toList()
                .forEach(id -> silences.put(id, null));
    }

    private ApiAnswer replace(ApiRequest request) {
        request.access().requireEditor();
        AlertSilence present = visible(request);
        AlertSilence silence = silence(present.getSilenceId(), new Body(request.body(), FIELDS), request.access());
        if (!present.getTenant().equals(silence.getTenant())) {
            throw Problem.badParameter(
                    "tenant", "found '" + silence.getTenant() + "'", present.getTenant() + ", as it was made");
        }
        silences.put(present.getSilenceId(), silence);
        return ApiAnswer.data(json(silence));
    }

    private ApiAnswer delete(ApiRequest request) {
        request.access().requireEditor();
        silences.put(visible(request).getSilenceId(), null);
        return ApiAnswer.nothing();
    }

    private AlertSilence silence(String id, Body body, Access access) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        AlertSilence silence = AlertSilence.newBuilder()
                .setSilenceId(id)
                .setTenant(Owner.of(body, access))
                .setMatchers(body.names("matchers", "(?s).{1,500}", "conditions such as kind=anomaly"))
                .setStartsAt(body.time("starts_at").orElse(now))
                .setEndsAt(body.time("ends_at")
                        .orElseThrow(() -> Problem.badParameter("ends_at", "not given", "a time, ISO 8601")))
                .setComment(body.text("comment").orElse(""))
                .setCreatedBy(access.name())
                .setUpdatedAt(now)
                .build();
        SilenceRules.Problem problem = SilenceRules.problem(silence);
        if (problem != null) {
            throw Problem.badParameter(problem.field(), "found " + problem.found(), problem.allowed());
        }
        return silence;
    }

    private Map<String, Object> json(AlertSilence silence) {
        Instant now = clock.instant();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("silence_id", silence.getSilenceId());
        json.put("tenant", silence.getTenant());
        json.put("matchers", silence.getMatchers());
        json.put("starts_at", silence.getStartsAt());
        json.put("ends_at", silence.getEndsAt());
        json.put("comment", silence.getComment());
        json.put("created_by", silence.getCreatedBy());
        json.put("updated_at", silence.getUpdatedAt());
        json.put("state", state(silence, now));
        return json;
    }

    private static String state(AlertSilence silence, Instant now) {
        if (now.isBefore(silence.getStartsAt())) {
            return "pending";
        }
        return now.isBefore(silence.getEndsAt()) ? "active" : "expired";
    }
}
