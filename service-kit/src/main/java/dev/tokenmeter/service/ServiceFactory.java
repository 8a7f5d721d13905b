package dev.tokenmeter.service;

import java.util.Set;

/** How one service is made of settings; each service module has one implementation. */
public interface ServiceFactory {
    /** The service's own section of the settings file, which is its name, e.g. {@code gateway}. */
    String section();

    /** All top-level sections that it reads, its own included. */
    Set<String> sections();

    /** Default port for metrics and health. */
    int managementPort();

    /**
     * Reads and checks the settings and makes the service, connecting to nothing.
     *
     * @throws SettingException if a setting is wrong
     */
    Service create(Settings settings, ServiceContext context);
}
