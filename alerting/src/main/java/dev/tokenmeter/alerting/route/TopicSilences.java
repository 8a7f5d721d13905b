package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.schemas.alert.SilenceRules;
import dev.tokenmeter.service.topics.CatchingUpView;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The silences of {@code llm.silences.v1}. Written by its follower's thread, read by any. */
public final class TopicSilences extends CatchingUpView<AlertSilence> implements Silences {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSilences.class);

    private final Map<String, Silence> silences = new ConcurrentHashMap<>();

    @Override
    public boolean mute(Map<String, String> labels, Instant now) {
        return silences.values().stream().anyMatch(silence -> silence.mutes(labels, now));
    }

    @Override
    public boolean areKnown() {
        return isCaughtUp();
    }

    @Override
    public void put(String key, AlertSilence value) {
        SilenceRules.Problem problem = SilenceRules.problem(value);
        if (problem == null) {
            silences.put(key, new Silence(SilenceRules.matchers(value), value.getStartsAt(), value.getEndsAt()));
        } else {
            silences.remove(key);
            LOG.warn("silence {} does not hold: {} is {}", key, problem.field(), problem.found());
        }
    }

    @Override
    public void remove(String key) {
        silences.remove(key);
    }

    @Override
    public int size() {
        return silences.size();
    }
}
