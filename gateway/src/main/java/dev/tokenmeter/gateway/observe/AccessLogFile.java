package dev.tokenmeter.gateway.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.util.FileSize;
import dev.tokenmeter.service.SettingException;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * The access log's logger in logback, with a rolling file or standard output. An operator whose logback configuration gives
 * that logger an appender of its own keeps that one.
 */
final class AccessLogFile implements AutoCloseable {
    private final Logger logger;
    private final OutputStreamAppender<ILoggingEvent> appender;

    private AccessLogFile(Logger logger, OutputStreamAppender<ILoggingEvent> appender) {
        this.logger = logger;
        this.appender = appender;
    }

    static AccessLogFile open(AccessLogConfig config) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        LoggerContext context = factory instanceof LoggerContext logback ? logback : new LoggerContext();
        Logger logger = context.getLogger(AccessLog.LOGGER);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        if (logger.iteratorForAppenders().hasNext()) {
            return new AccessLogFile(logger, null);
        }
        OutputStreamAppender<ILoggingEvent> appender =
                config.file() == null ? new ConsoleAppender<>() : rolling(config, context);
        appender.setContext(context);
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg%n");
        encoder.start();
        appender.setEncoder(encoder);
        appender.start();
        if (!appender.isStarted()) {
            throw new SettingException(
                    "gateway.access-log.file", "cannot write " + config.file(), "a file that can be written");
        }
        logger.addAppender(appender);
        return new AccessLogFile(logger, appender);
    }

    private static RollingFileAppender<ILoggingEvent> rolling(AccessLogConfig config, LoggerContext context) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(config.file().toString());
        SizeAndTimeBasedRollingPolicy<ILoggingEvent> policy = new SizeAndTimeBasedRollingPolicy<>();
        policy.setContext(context);
        policy.setParent(appender);
        policy.setFileNamePattern(config.file() + ".%d{yyyy-MM-dd,UTC}.%i.gz");
        policy.setMaxFileSize(new FileSize(config.maxFileBytes()));
        policy.setTotalSizeCap(new FileSize(config.maxTotalBytes()));
        policy.setMaxHistory(config.maxDays());
        policy.start();
        appender.setRollingPolicy(policy);
        return appender;
    }

    void write(String line) {
        logger.info(line);
    }

    @Override
    public void close() {
        if (appender != null) {
            logger.detachAppender(appender);
            appender.stop();
        }
    }
}
