package dev.tokenmeter.gateway.dialect;

/** Lets an answer pass that holds no usage (speech, an image) or hides it (compressed in spite of our asking). */
final class OpaqueReader extends PassingReader {
    private final boolean unreadable;

    OpaqueReader(boolean unreadable) {
        this.unreadable = unreadable;
    }

    @Override
    public boolean reads() {
        return false;
    }

    @Override
    public boolean unreadable() {
        return unreadable;
    }
}
