package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Strings laid out for one native call. Close it after the call and not before: the engine reads from this memory, and
 * the collector does not know that it does.
 */
final class NativeArguments implements AutoCloseable {
    private final List<Memory> owned = new ArrayList<>();
    private final Memory query;
    private final long queryLength;
    private final List<String> names;
    private final List<String> values;

    private NativeArguments(byte[] query, List<String> names, List<String> values) {
        this.query = copy(query);
        this.queryLength = query.length;
        this.names = names;
        this.values = values;
    }

    static NativeArguments of(byte[] query, Map<String, String> parameters) {
        return new NativeArguments(query, List.copyOf(parameters.keySet()), List.copyOf(parameters.values()));
    }

    /** An {@code argv}, ended by a null as C has it. */
    static NativeArguments argv(List<String> arguments) {
        return new NativeArguments(new byte[0], List.of(), arguments);
    }

    Pointer query() {
        return query;
    }

    long queryLength() {
        return queryLength;
    }

    long count() {
        return names.size();
    }

    Pointer names() {
        return pointers(names);
    }

    Pointer nameLengths() {
        return lengths(names);
    }

    Pointer values() {
        return pointers(values);
    }

    Pointer valueLengths() {
        return lengths(values);
    }

    private Pointer pointers(List<String> strings) {
        Memory array = own((strings.size() + 1L) * Native.POINTER_SIZE);
        for (int i = 0; i < strings.size(); i++) {
            array.setPointer((long) i * Native.POINTER_SIZE, copy(bytes(strings.get(i))));
        }
        array.setPointer((long) strings.size() * Native.POINTER_SIZE, null);
        return array;
    }

    private Pointer lengths(List<String> strings) {
        Memory array = own((strings.size() + 1L) * Long.BYTES);
        for (int i = 0; i < strings.size(); i++) {
            array.setLong((long) i * Long.BYTES, bytes(strings.get(i)).length);
        }
        return array;
    }

    private Memory copy(byte[] bytes) {
        Memory memory = own(bytes.length + 1L);
        memory.write(0, bytes, 0, bytes.length);
        memory.setByte(bytes.length, (byte) 0);
        return memory;
    }

    private Memory own(long size) {
        Memory memory = new Memory(size);
        owned.add(memory);
        return memory;
    }

    private static byte[] bytes(String string) {
        return string.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        owned.forEach(Memory::close);
        Reference.reachabilityFence(this);
    }
}
