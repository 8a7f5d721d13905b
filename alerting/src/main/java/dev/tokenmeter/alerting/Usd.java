package dev.tokenmeter.alerting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Amounts for people: {@code $1,234.56}, rounded half up; two significant digits where cents would show nothing. */
public final class Usd {
    private static final BigDecimal CENT = new BigDecimal("0.01");
    private static final MathContext TWO_DIGITS = new MathContext(2, RoundingMode.HALF_UP);

    private Usd() {}

    /** For people. */
    public static String format(BigDecimal amount) {
        BigDecimal absolute = amount.abs();
        String sign = amount.signum() < 0 ? "-$" : "$";
        if (absolute.signum() != 0 && absolute.compareTo(CENT) < 0) {
            return sign + absolute.round(TWO_DIGITS).stripTrailingZeros().toPlainString();
        }
        DecimalFormat cents = new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.ROOT));
        return sign + cents.format(absolute.setScale(2, RoundingMode.HALF_UP));
    }
}
