package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.Price;

/** What is different in a new list. Each kind says whether it may be used unseen. */
public sealed interface PriceChange {
    /** The price's id, or the entry's name where it could not be read. */
    String id();

    /** Whether an operator must look at it before it is used; until then the old price holds. */
    boolean held();

    /** In words, for the log and the report. */
    String what();

    /** A price that was not there. */
    record Added(Price price) implements PriceChange {
        @Override
        public String id() {
            return price.id();
        }

        @Override
        public boolean held() {
            return false;
        }

        @Override
        public String what() {
            return "new";
        }
    }

    /**
     * A price that is not what it was.
     *
     * @param what the rate that moved most, before and after
     * @param held whether a rate moved further than is believed
     */
    record Moved(Price before, Price after, String what, boolean held) implements PriceChange {
        @Override
        public String id() {
            return after.id();
        }
    }

    /** A price that is there no more. */
    record Vanished(Price before) implements PriceChange {
        @Override
        public String id() {
            return before.id();
        }

        @Override
        public boolean held() {
            return true;
        }

        @Override
        public String what() {
            return "vanished from the list";
        }
    }

    /** An entry of which a price was known and that can be read no more. */
    record Malformed(String id, String what) implements PriceChange {
        @Override
        public boolean held() {
            return true;
        }
    }
}
