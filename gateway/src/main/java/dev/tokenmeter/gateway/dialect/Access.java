package dev.tokenmeter.gateway.dialect;

/**
 * Whose data a call touches. All who use one key of a provider's see the same files, batches and stored answers there, so a
 * call that only makes something, or asks what everybody may know, is told from one that reads or deletes what may be
 * another's.
 *
 * @param reach how far
 * @param id of the batch, response or file that the path names, which may be known to be the caller's; null for none
 */
public record Access(Reach reach, String id) {
    /** How far a call reaches. */
    public enum Reach {
        /** Nothing of anybody's. */
        NOTHING,
        /** Files. */
        FILES,
        /** Whatever else the provider keeps: batches, responses, conversations, vector stores; and what it tells of the account. */
        STORED;

        /** The name in a key's operations. */
        public String label() {
            return this == FILES ? "files" : "stored";
        }
    }

    /** Touches nothing of anybody's. */
    public static final Access TO_NOTHING = new Access(Reach.NOTHING, null);

    static final Access TO_STORED = new Access(Reach.STORED, null);
    static final Access TO_FILES = new Access(Reach.FILES, null);
}
