package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A few fields of a JSON document, taken while its bytes pass in pieces of any size. Nothing else of the document is kept,
 * so an answer of any length costs little memory. Never throws: what is not JSON, or has absurdly many values in the fields
 * that are wanted, is {@link #broken}. For one thread.
 */
public final class JsonExcerpt {
    /**
     * Which fields.
     *
     * @param kept names taken with their whole value, at the top level and inside opened objects
     * @param opened names of objects to look into
     * @param counted names of arrays of which only the number of elements is taken
     * @param tallied names of arrays of which only the number of elements of each sort is taken, as an object of counts
     *     by sort, and what tells an element's sort by its excerpt (null for none); elements without a sort, and more than
     *     {@value #MAX_SORTS} sorts, are not counted
     * @param measured names of strings of which only the number of characters (code points) is taken
     */
    public record Wanted(
            Set<String> kept,
            Set<String> opened,
            Set<String> counted,
            Map<String, Function<JsonNode, String>> tallied,
            Set<String> measured) {
        /** Without tallies and measures. */
        public Wanted(Set<String> kept, Set<String> opened, Set<String> counted) {
            this(kept, opened, counted, Map.of(), Set.of());
        }

        /** The same with more that is kept. */
        Wanted keeping(Set<String> names) {
            Set<String> all = new HashSet<>(kept);
            all.addAll(names);
            return new Wanted(Set.copyOf(all), opened, counted, tallied, measured);
        }

        /** The same with one more tally. */
        public Wanted tallying(String array, Function<JsonNode, String> by) {
            Map<String, Function<JsonNode, String>> all = new HashMap<>(tallied);
            all.put(array, by);
            return new Wanted(kept, opened, counted, Map.copyOf(all), measured);
        }

        /** The same with a measure. */
        public Wanted measuring(String text) {
            return new Wanted(kept, opened, counted, tallied, Set.of(text));
        }
    }

    /** @param tally counts the elements of an array that is tallied; null in all else */
    private record Frame(ContainerNode<?> node, boolean whole, Tally tally) {}

    /** @param valuesBefore what was kept before the array, as its elements are not */
    private record Tally(String array, ObjectNode counts, int valuesBefore) {}

    /** Far more than any usage object or metadata has. */
    private static final int MAX_KEPT_VALUES = 1000;

    private static final int MAX_SORTS = 256;

    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);
    private static final JsonFactory UNLIMITED = factory(Integer.MAX_VALUE);

    private final Wanted wanted;
    private final JsonFactory factory;
    private JsonParser parser;
    private final Consumer<JsonNode> elements;
    private ObjectNode root = NODES.objectNode();
    private boolean inArray;
    private final Deque<Frame> open = new ArrayDeque<>();
    private String name;
    private int skipping;
    private int keptValues;
    private String counting;
    private int count;
    private boolean complete;
    private boolean broken;

    private JsonExcerpt(Wanted wanted, JsonFactory factory, Consumer<JsonNode> elements) {
        this.wanted = wanted;
        this.elements = elements;
        this.factory = factory;
    }

    /** The factory of documents up to so many bytes; make one and share it. */
    public static JsonFactory factory(int maxBytes) {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(maxBytes)
                        .maxStringLength(maxBytes)
                        .build())
                .build();
    }

    /** An excerpt to be fed piece by piece; a document longer than the factory allows becomes broken. */
    public static JsonExcerpt inPieces(JsonFactory factory, Wanted wanted) {
        return inPieces(factory, wanted, null);
    }

    /**
     * The same for a document that may be an array of objects as well.
     *
     * @param elements takes each object of the array as it ends; null if an array is not expected
     */
    static JsonExcerpt inPieces(JsonFactory factory, Wanted wanted, Consumer<JsonNode> elements) {
        return new JsonExcerpt(wanted, factory, elements);
    }

    /** The excerpt of a whole document. */
    public static JsonExcerpt of(Wanted wanted, byte[] json, int offset, int length) {
        JsonExcerpt excerpt = new JsonExcerpt(wanted, UNLIMITED, null);
        excerpt.read(json, offset, length);
        return excerpt;
    }

    private void read(byte[] json, int offset, int length) {
        try {
            parser = factory.createParser(json, offset, length);
        } catch (IOException e) {
            throw new IllegalStateException("a parser of bytes in memory did no I/O and yet failed", e);
        }
        drain();
    }

    /**
     * Takes a document that may be here as a whole, which is much quicker to read than one in pieces; to be tried before
     * anything is fed.
     *
     * @return false when it is not, or is no object; it is then to be fed
     */
    boolean takeWhole(byte[] json) {
        boolean fits = json.length <= factory.streamReadConstraints().getMaxDocumentLength();
        if (!fits || !seemsWhole(json)) {
            return false;
        }
        read(json, 0, json.length);
        if (complete) {
            return true;
        }
        parser = null;
        root = NODES.objectNode();
        open.clear();
        skipping = 0;
        keptValues = 0;
        counting = null;
        broken = false;
        return false;
    }

    private static boolean seemsWhole(byte[] json) {
        int last = json.length - 1;
        while (last > 0 && json[last] <= ' ' && json[last] >= 0) {
            last--;
        }
        return last > 0 && json[0] == '{' && json[last] == '}';
    }

    /** Takes the next bytes; those after the document's end are ignored. The array is not kept. */
    public void feed(byte[] bytes) {
        if (complete || broken || bytes.length == 0) {
            return;
        }
        try {
            if (parser == null) {
                parser = factory.createNonBlockingByteArrayParser();
            }
            ((ByteArrayFeeder) parser.getNonBlockingInputFeeder()).feedInput(bytes, 0, bytes.length);
        } catch (IOException e) {
            broken = true;
            return;
        }
        drain();
    }

    private void drain() {
        try {
            for (JsonToken token = parser.nextToken();
                    token != null && token != JsonToken.NOT_AVAILABLE;
                    token = parser.nextToken()) {
                take(token);
                if (complete || broken) {
                    parser.close();
                    return;
                }
            }
        } catch (IOException e) {
            broken = true;
        }
    }

    private void take(JsonToken token) throws IOException {
        switch (token) {
            case FIELD_NAME -> name = parser.currentName();
            case START_OBJECT, START_ARRAY -> start(token == JsonToken.START_OBJECT);
            case END_OBJECT, END_ARRAY -> end();
            default -> scalar(token);
        }
    }

    private void start(boolean object) {
        if (skipping > 0) {
            countElement();
            skipping++;
        } else if (open.isEmpty()) {
            startRoot(object);
        } else if (open.peek().tally != null) {
            startElement(object);
        } else if (isKept()) {
            push(object, true);
        } else if (object && wanted.opened.contains(name)) {
            push(true, false);
        } else if (!object && wanted.tallied.containsKey(name)) {
            open.push(new Frame(NODES.arrayNode(), false, new Tally(name, NODES.objectNode(), keptValues)));
        } else {
            counting = !object && wanted.counted.contains(name) ? name : null;
            count = 0;
            skipping = 1;
        }
    }

    private void startRoot(boolean object) {
        if (object) {
            open.push(new Frame(root, false, null));
        } else if (elements != null && !inArray) {
            inArray = true;
        } else {
            broken = true;
        }
    }

    private boolean isKept() {
        return open.peek().whole || wanted.kept.contains(name);
    }

    private void push(boolean object, boolean whole) {
        ContainerNode<?> child = object ? NODES.objectNode() : NODES.arrayNode();
        attach(child);
        open.push(new Frame(child, whole, null));
    }

    /** It stands in no object that is kept, so it is forgotten once it is counted. */
    private void startElement(boolean object) {
        if (object) {
            open.push(new Frame(NODES.objectNode(), false, null));
        } else {
            counting = null;
            skipping = 1;
        }
    }

    private void end() {
        if (skipping > 0) {
            skipping--;
            if (skipping == 0 && counting != null) {
                ((ObjectNode) open.peek().node).put(counting, count);
                counting = null;
            }
            return;
        }
        if (open.isEmpty()) {
            complete = true;
            return;
        }
        Frame ended = open.pop();
        if (ended.tally != null) {
            name = ended.tally.array;
            attach(ended.tally.counts);
        } else if (!open.isEmpty() && open.peek().tally != null) {
            count(ended.node, open.peek().tally);
        } else if (open.isEmpty() && inArray) {
            elements.accept(root);
            root = NODES.objectNode();
            keptValues = 0;
        } else {
            complete = open.isEmpty();
        }
    }

    private void count(JsonNode element, Tally tally) {
        keptValues = tally.valuesBefore;
        String sort = wanted.tallied.get(tally.array).apply(element);
        if (sort != null && (tally.counts.has(sort) || tally.counts.size() < MAX_SORTS)) {
            tally.counts.put(sort, tally.counts.path(sort).asLong() + 1);
        }
    }

    private void scalar(JsonToken token) throws IOException {
        if (skipping > 0) {
            countElement();
        } else if (open.isEmpty()) {
            broken = true;
        } else if (open.peek().tally != null) {
            return;
        } else if (token == JsonToken.VALUE_STRING && !open.peek().whole && wanted.measured.contains(name)) {
            String text = parser.getText();
            attach(NODES.numberNode(text.codePointCount(0, text.length())));
        } else if (isKept()) {
            attach(
                    switch (token) {
                        case VALUE_STRING -> NODES.textNode(parser.getText());
                        case VALUE_NUMBER_INT -> integer();
                        case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDecimalValue());
                        case VALUE_TRUE -> NODES.booleanNode(true);
                        case VALUE_FALSE -> NODES.booleanNode(false);
                        default -> NODES.nullNode();
                    });
        }
    }

    private JsonNode integer() throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? NODES.numberNode(parser.getBigIntegerValue())
                : NODES.numberNode(parser.getLongValue());
    }

    private void countElement() {
        if (skipping == 1) {
            count++;
        }
    }

    private void attach(JsonNode child) {
        keptValues++;
        if (keptValues > MAX_KEPT_VALUES) {
            broken = true;
            return;
        }
        if (open.peek().node instanceof ArrayNode array) {
            array.add(child);
        } else {
            ((ObjectNode) open.peek().node).set(name, child);
        }
    }

    /** What was found so far, in an array's element that has not ended; counted arrays as their number of elements. */
    public JsonNode node() {
        return root;
    }

    /** Whether the document has ended. */
    public boolean complete() {
        return complete;
    }

    /** Whether this is not a JSON object, or too long a one. */
    public boolean broken() {
        return broken;
    }
}
