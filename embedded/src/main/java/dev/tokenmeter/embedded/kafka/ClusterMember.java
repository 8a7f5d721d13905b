package dev.tokenmeter.embedded.kafka;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/**
 * Which broker of a cluster this one is; every broker is a controller too.
 *
 * @param nodeId one of the keys of {@code controllerPorts}
 * @param clusterId same for all members, as Kafka writes it (22 characters of URL-safe base64); see {@link #newClusterId}
 * @param controllerPorts of all members by node id, on this machine; may change only while all are stopped
 */
public record ClusterMember(int nodeId, String clusterId, Map<Integer, Integer> controllerPorts) {
    private static final int LONE_NODE = 1;
    private static final int REPLICAS = 3;

    /** @throws IllegalArgumentException if the node is not among the members */
    public ClusterMember {
        controllerPorts = Map.copyOf(controllerPorts);
        if (!controllerPorts.containsKey(nodeId)) {
            throw new IllegalArgumentException(
                    "Kafka node " + nodeId + " is not a member of the cluster " + controllerPorts.keySet());
        }
    }

    /** A broker without others; its cluster id matters only when its directory is new. */
    static ClusterMember alone(int controllerPort) {
        return new ClusterMember(LONE_NODE, newClusterId(), Map.of(LONE_NODE, controllerPort));
    }

    /** An id for a new cluster. */
    public static String newClusterId() {
        return Uuid.randomUuid().toString();
    }

    int controllerPort() {
        return controllerPorts.get(nodeId);
    }

    /** In the form of {@code controller.quorum.voters}. */
    String voters(String host) {
        return new TreeMap<>(controllerPorts)
                .entrySet().stream()
                        .map(member -> "%d@%s:%d".formatted(member.getKey(), host, member.getValue()))
                        .collect(Collectors.joining(","));
    }

    /** Three where there are as many brokers. */
    int replicas() {
        return Math.min(REPLICAS, controllerPorts.size());
    }

    /** All but one of the replicas, so that the loss of a broker stops nobody; with fewer than three there is no choice. */
    int minInSyncReplicas() {
        return Math.max(1, replicas() - 1);
    }
}
