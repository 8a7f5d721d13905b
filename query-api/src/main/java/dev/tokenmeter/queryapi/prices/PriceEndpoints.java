package dev.tokenmeter.queryapi.prices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricefeed.PriceLog;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.pricing.Provenance;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.prices.PriceAnswers.Listed;
import dev.tokenmeter.queryapi.problem.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /api/v1/prices}: every price that is known, and those that operators set. A tenant reads its own and everyone's,
 * and sets none: its discount is for the operator to give.
 */
public final class PriceEndpoints {
    private static final Logger LOG = LoggerFactory.getLogger(PriceEndpoints.class);
    private static final String PATH = "/api/v1/prices";
    private static final int LIMIT = 200;
    private static final int MAX_LIMIT = 10_000;
    /** Paths of their own. */
    private static final Set<String> RESERVED = Set.of("effective", "updates");

    private final PriceFeed prices;
    private final PriceLog log;
    private final Clock clock;

    public PriceEndpoints(PriceFeed prices, PriceLog log, Clock clock) {
        this.prices = prices;
        this.log = log;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get(PATH, Set.of("provider", "model", "tenant", "source", "limit"), this::list);
        endpoints.get(PATH + "/:id", Set.of(), request -> ApiAnswer.data(PriceAnswers.json(visible(request))));
        endpoints.put(PATH + "/:id", this::replace);
        endpoints.delete(PATH + "/:id", this::delete);
    }

    private ApiAnswer list(ApiRequest request) {
        Parameters asked = request.parameters();
        Access access = request.access();
        access.scope(asked.text("tenant")); // refuses another's name
        Optional<PriceSource> source = asked.text("source").map(PriceEndpoints::source);
        int limit = asked.integer("limit", LIMIT, 1, MAX_LIMIT);
        List<Listed> found = PriceAnswers.all(prices).stream()
                .filter(one -> PriceAnswers.isVisible(one.price(), access))
                .filter(one -> source.isEmpty() || source.get() == one.source())
                .filter(one -> isAsked(one.price(), asked))
                .toList();
        return ApiAnswer.data(
                found.stream().limit(limit).map(PriceAnswers::json).toList(),
                Map.of("total", found.size(), "truncated", found.size() > limit));
    }

    private static boolean isAsked(Price price, Parameters asked) {
        return asked.text("provider").map(price.provider()::equals).orElse(true)
                && asked.text("tenant").map(price.tenant()::equals).orElse(true)
                && asked.text("model").map(model -> names(price, model)).orElse(true);
    }

    private static boolean names(Price price, String model) {
        return price.names().models().contains(model)
                || price.names().datedModels().contains(model)
                || price.names().patterns().contains(model);
    }

    private static PriceSource source(String name) {
        return Arrays.stream(PriceSource.values())
                .filter(source -> PriceAnswers.name(source).equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.badParameter(
                        "source",
                        "found '" + name + "'",
                        Arrays.stream(PriceSource.values())
                                .map(PriceAnswers::name)
                                .collect(Collectors.joining(", "))));
    }

    private Listed visible(ApiRequest request) {
        return PriceAnswers.find(prices, request.id())
                .filter(one -> PriceAnswers.isVisible(one.price(), request.access()))
                .orElseThrow(() -> Problem.notFound("Price " + request.id()));
    }

    private ApiAnswer replace(ApiRequest request) {
        request.access().requireAdminOfAll();
        String id = request.id();
        if (!id.matches("[A-Za-z0-9._-]{1,100}") || RESERVED.contains(id)) {
            throw Problem.badParameter(
                    "id", "found '" + id + "'", "1 to 100 letters, digits, '.', '_' and '-'; not " + RESERVED);
        }
        Optional<Listed> present = PriceAnswers.find(prices, id);
        present.ifPresent(PriceEndpoints::requireSetThroughApi);
        Price price = price(id, request);
        change(id, () -> log.write(List.of(price)));
        ObjectNode stored = PriceAnswers.json(new Listed(PriceSource.API, price));
        return present.isPresent() ? ApiAnswer.data(stored) : ApiAnswer.created(stored);
    }

    private Price price(String id, ApiRequest request) {
        ObjectNode body = request.body().deepCopy();
        if (body.has("id")) {
            throw Problem.badParameter("id", "found in the body", "the id in the path only");
        }
        body.put("id", id);
        try {
            Price read = PriceFile.readOne(body, Provenance.API);
            return Price.builder(id, read.provider(), read.names())
                    .tenant(read.tenant())
                    .validity(read.validity())
                    .serviceTiers(read.serviceTiers())
                    .regions(read.regions())
                    .rates(read.rates())
                    .contextTiers(read.contextTiers())
                    .exchange(read.exchange())
                    .factor(read.factor())
                    .provenance(new Provenance(
                            Provenance.API,
                            clock.instant().truncatedTo(ChronoUnit.MICROS),
                            request.access().name(),
                            read.provenance().note()))
                    .build();
        } catch (InvalidPriceException e) {
            throw Problem.badField(e.field(), e.getMessage());
        }
    }

    private ApiAnswer delete(ApiRequest request) {
        request.access().requireAdminOfAll();
        Listed listed = visible(request);
        requireSetThroughApi(listed);
        change(request.id(), () -> log.remove(request.id()));
        return ApiAnswer.nothing();
    }

    private static void requireSetThroughApi(Listed listed) {
        if (listed.source() != PriceSource.API) {
            throw Problem.badParameter(
                    "id",
                    "that price is from the source " + PriceAnswers.name(listed.source()),
                    "a price that was set here; set one of another id, which comes before it");
        }
    }

    private interface Change {
        void run() throws IOException, InterruptedException;
    }

    private static void change(String id, Change change) {
        try {
            change.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (IOException e) {
            LOG.warn("could not write price {}: {}", id, e.getMessage());
            throw Problem.unavailable("Kafka did not take the change; it may or may not come to hold. Read it back.");
        }
    }
}
