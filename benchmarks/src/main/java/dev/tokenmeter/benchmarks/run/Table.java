package dev.tokenmeter.benchmarks.run;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, as Markdown has them, so that they can be pasted into a document. */
public final class Table {
    private final List<String[]> rows = new ArrayList<>();

    public Table(String... head) {
        rows.add(head);
    }

    public void row(String... cells) {
        rows.add(cells);
    }

    @Override
    public String toString() {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            line(text, rows.get(r), widths);
            if (r == 0) {
                for (int i = 0; i < columns; i++) {
                    text.append("|").append("-".repeat(widths[i] + 1)).append(i == 0 ? "-" : ":");
                }
                text.append("|\n");
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String[] row, int... widths) {
        for (int i = 0; i < row.length; i++) {
            String space = " ".repeat(widths[i] - row[i].length());
            text.append("| ").append(i == 0 ? row[i] + space : space + row[i]).append(' ');
        }
        text.append("|\n");
    }
}
