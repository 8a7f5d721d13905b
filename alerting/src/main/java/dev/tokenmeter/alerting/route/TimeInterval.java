package dev.tokenmeter.alerting.route;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times of day, week, month and year: quiet hours, for instance. It holds a moment if one of its spans does, and a span
 * holds a moment that fulfils everything that it says.
 *
 * @param name as in the settings
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/#time_interval">Alertmanager's time intervals</a>
 */
public record TimeInterval(String name, List<Span> spans) {
    private static final List<String> WEEKDAYS =
            List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
    private static final List<String> MONTHS = List.of(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december");
    private static final Pattern TIMES = Pattern.compile("([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])");
    private static final int DAY = 24 * 60;
    private static final int LONGEST_MONTH = 31;

    /**
     * What must hold at once; an empty list asks nothing. Minutes are those of the day, end exclusive; all others are
     * inclusive. Days of the month may be negative, from its end.
     */
    record Span(
            List<Range> minutes,
            List<Range> weekdays,
            List<Range> daysOfMonth,
            List<Range> months,
            List<Range> years,
            ZoneId zone) {
        boolean contains(Instant moment) {
            ZonedDateTime local = moment.atZone(zone);
            int last = YearMonth.from(local).lengthOfMonth();
            int minute = local.getHour() * 60 + local.getMinute();
            return any(minutes, range -> range.from <= minute && minute < range.to)
                    && any(
                            weekdays,
                            range -> range.contains(local.getDayOfWeek().getValue()))
                    && any(daysOfMonth, range -> range.ofMonth(last).contains(local.getDayOfMonth()))
                    && any(months, range -> range.contains(local.getMonthValue()))
                    && any(years, range -> range.contains(local.getYear()));
        }

        private static boolean any(List<Range> ranges, java.util.function.Predicate<Range> test) {
            return ranges.isEmpty() || ranges.stream().anyMatch(test);
        }
    }

    record Range(int from, int to) {
        boolean contains(int value) {
            return from <= value && value <= to;
        }

        Range ofMonth(int last) {
            return new Range(from < 0 ? last + 1 + from : from, to < 0 ? last + 1 + to : to);
        }
    }

    /** Whether the moment lies in it. */
    public boolean contains(Instant moment) {
        return spans.stream().anyMatch(span -> span.contains(moment));
    }

    /** Reads {@code <key>}, a list of spans. */
    static TimeInterval from(Settings settings, String name, String key) {
        List<Span> spans = new ArrayList<>();
        for (String entry : settings.entries(key)) {
            spans.add(new Span(
                    minutes(settings, entry + ".times"),
                    ranges(settings, entry + ".weekdays", TimeInterval::weekday, "monday:friday, sunday"),
                    ranges(settings, entry + ".days-of-month", TimeInterval::dayOfMonth, "1:5, -3:-1, 31"),
                    ranges(settings, entry + ".months", TimeInterval::month, "january:march, 12"),
                    ranges(settings, entry + ".years", Integer::parseInt, "2026:2028"),
                    zone(settings, entry + ".location")));
        }
        if (spans.isEmpty()) {
            throw new SettingException(key, "no entry", "a list of times, weekdays, days-of-month, months, years");
        }
        return new TimeInterval(name, List.copyOf(spans));
    }

    private static List<Range> minutes(Settings settings, String key) {
        List<Range> ranges = new ArrayList<>();
        for (String text : settings.list(key)) {
            Matcher found = TIMES.matcher(text.strip());
            Optional<Range> range = found.matches()
                    ? Optional.of(
                            new Range(minute(found.group(1), found.group(2)), minute(found.group(3), found.group(4))))
                    : Optional.empty();
            ranges.add(
                    range.filter(times -> times.from < times.to && times.to <= DAY)
                            .orElseThrow(
                                    () -> new SettingException(
                                            key,
                                            "found '" + text + "'",
                                            "ranges of one day such as 08:00-18:00; one over midnight is two: 22:00-24:00, 00:00-06:00")));
        }
        return List.copyOf(ranges);
    }

    private static int minute(String hours, String minutes) {
        return Integer.parseInt(hours) * 60 + Integer.parseInt(minutes);
    }

    private static List<Range> ranges(Settings settings, String key, ToIntFunction<String> reader, String example) {
        List<Range> ranges = new ArrayList<>();
        for (String text : settings.list(key)) {
            String[] ends = text.strip().toLowerCase(Locale.ROOT).split(":", -1);
            try {
                Range range = new Range(reader.applyAsInt(ends[0]), reader.applyAsInt(ends[ends.length - 1]));
                boolean ordered = range.from <= range.to || (range.from > 0 && range.to < 0);
                if (ends.length > 2 || !ordered) {
                    throw new IllegalArgumentException();
                }
                ranges.add(range);
            } catch (IllegalArgumentException e) {
                throw new SettingException(key, "found '" + text + "'", "such as " + example);
            }
        }
        return List.copyOf(ranges);
    }

    private static int weekday(String text) {
        return named(WEEKDAYS, text);
    }

    private static int month(String text) {
        return text.matches("[0-9]{1,2}") ? within(Integer.parseInt(text), 1, MONTHS.size()) : named(MONTHS, text);
    }

    private static int dayOfMonth(String text) {
        int day = within(Integer.parseInt(text), -LONGEST_MONTH, LONGEST_MONTH);
        return day == 0 ? within(day, 1, LONGEST_MONTH) : day;
    }

    private static int named(List<String> names, String text) {
        return within(names.indexOf(text) + 1, 1, names.size());
    }

    private static int within(int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    private static ZoneId zone(Settings settings, String key) {
        String name = settings.string(key, "UTC");
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new SettingException(key, "found '" + name + "'", "a time zone such as Europe/Berlin");
        }
    }
}
