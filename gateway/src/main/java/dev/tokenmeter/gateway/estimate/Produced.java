package dev.tokenmeter.gateway.estimate;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What a model produced since its provider last counted. The pieces of one block (a choice, a content block) are joined,
 * since a token may lie across two. For one thread.
 */
final class Produced {
    private final Map<String, StringBuilder> text = new HashMap<>();
    private final Map<String, StringBuilder> reasoning = new HashMap<>();
    private boolean counted;

    /** A piece of an answer, or of a call of a tool; null is none. */
    void text(String block, String piece) {
        append(text, block, piece);
    }

    /** A piece of a thought; null is none. */
    void reasoning(String block, String piece) {
        append(reasoning, block, piece);
    }

    private static void append(Map<String, StringBuilder> blocks, String block, String piece) {
        if (piece != null && !piece.isEmpty()) {
            blocks.computeIfAbsent(block, none -> new StringBuilder()).append(piece);
        }
    }

    /** The provider has counted all that came so far. */
    void counted() {
        counted = true;
        text.clear();
        reasoning.clear();
    }

    /** Whether the provider counted some of the answer. */
    boolean wasCounted() {
        return counted;
    }

    Collection<StringBuilder> texts() {
        return text.values();
    }

    Collection<StringBuilder> reasonings() {
        return reasoning.values();
    }
}
