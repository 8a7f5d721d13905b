package dev.tokenmeter.gateway.estimate;

import java.util.List;

/**
 * How many tokens of input a request may have at most, told by its bytes in one pass without a tokenizer, so that it may be
 * asked on an event loop. It is no less than what OpenAI's vocabularies make of running text in the languages and formats
 * that the tests try, and leaves room for vocabularies that cut words smaller, as Anthropic's newer one does. A strict bound
 * would be a token for each byte, three times of what text has, and useless. An image in base64, where requests have
 * {@link InlineFile files}, counts as many tokens as a large one does, whatever its bytes: Anthropic's of before 2026 have
 * some 1,600 (<a href="https://docs.anthropic.com/en/docs/vision">vision</a>) and its newer models take larger ones;
 * gpt-4o-mini alone counts several times as many. Another file counts by its bytes. Elsewhere such letters are text, of
 * which a tokenizer makes a token for less than two. For one thread.
 */
public final class InputBound {
    private static final int TOKENS_PER_IMAGE = 4800;
    private static final int BYTES_PER_TOKEN_OF_FILE = 4;
    private static final int LETTERS_PER_TOKEN = 4;
    private static final int BLANKS_PER_TOKEN = 16;
    /** Base64 of anything but text has the most: 0.76 of OpenAI's tokens for each letter, older vocabularies included. */
    private static final int TOKENS_PER_FIVE_OF_GIBBERISH = 4;

    /** No text in a language has that many letters and digits without anything between. */
    private static final int LONGEST_TEXT = 512;

    private static final String JPEG = "/9j/";
    private static final List<String> IMAGES = List.of(JPEG, "iVBOR", "R0lGOD", "UklGR"); // the others: PNG, GIF, WebP

    private final byte[] json;
    private long halves;
    private int at;

    private InputBound(byte[] json) {
        this.json = json;
    }

    /** Of a request's JSON. */
    public static long of(byte[] json) {
        InputBound bound = new InputBound(json);
        while (bound.at < json.length) {
            bound.step();
        }
        return (bound.halves + 1) / 2;
    }

    private void step() {
        int b = json[at];
        if (b < 0) {
            character(b & 0xFF);
        } else if (isLetter(b) || startsWith(at, JPEG)) {
            word();
        } else if (isBlank(b)) {
            blanks();
        } else if (b == '\\') {
            escape();
        } else {
            halves += b == '"' || b == ',' || b == ':' ? 1 : 2;
            at++;
        }
    }

    /** A token for a character of two bytes, one and a half for three, three for four. */
    private void character(int lead) {
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        halves += length == 4 ? 6 : length == 3 ? 3 : 2;
        at += length;
    }

    private void word() {
        int start = at;
        do {
            at++;
        } while (at < json.length && isLetter(json[at]));
        if (at < json.length && isBase64(json[at])) {
            int end = endOfBase64();
            if (end - start >= LONGEST_TEXT) {
                file(start, end);
                return;
            }
        } else if (at - start >= LONGEST_TEXT) {
            file(start, at);
            return;
        }
        halves += 2L * divideUp(at - start, LETTERS_PER_TOKEN);
    }

    private int endOfBase64() {
        int end = at;
        while (end < json.length && isBase64(json[end])) {
            end++;
        }
        return end;
    }

    private void file(int start, int end) {
        if (!InlineFile.holds(json, start)) {
            halves += divideUp(2L * TOKENS_PER_FIVE_OF_GIBBERISH * (end - start), 5);
            at = end;
            return;
        }
        boolean image = false;
        for (String beginning : IMAGES) {
            image |= startsWith(start, beginning);
        }
        long bytes = divideUp(end - start, BYTES_PER_TOKEN_OF_FILE);
        halves += 2 * (image ? Math.min(TOKENS_PER_IMAGE, bytes) : bytes);
        at = end;
    }

    private boolean startsWith(int start, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (start + i >= json.length || json[start + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A single blank goes with the word after it. */
    private void blanks() {
        int start = at;
        while (at < json.length && isBlank(json[at])) {
            at++;
        }
        halves += at - start == 1 ? 0 : 2L * divideUp(at - start, BLANKS_PER_TOKEN);
    }

    /** What is written as an escape of six bytes is mostly a character of two or three; another escape, one. */
    private void escape() {
        boolean unicode = at + 1 < json.length && json[at + 1] == 'u';
        halves += unicode ? 3 : 2;
        at += unicode ? 6 : 2;
    }

    private static long divideUp(long amount, int by) {
        return (amount + by - 1) / by;
    }

    private static boolean isLetter(int b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
    }

    private static boolean isBase64(int b) {
        return isLetter(b) || b >= '0' && b <= '9' || b == '+' || b == '/' || b == '=' || b == '-' || b == '_';
    }

    private static boolean isBlank(int b) {
        return b == ' ' || b == '\n' || b == '\t' || b == '\r';
    }
}
