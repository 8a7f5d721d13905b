package dev.tokenmeter.service;

/** A setting is missing or wrong. The message names the setting, what was found and what is allowed; no stack trace needed. */
public final class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param setting the key as in the YAML file; or an option of the command line, or the capitals that stand for one of its
     *     arguments
     * @param found what was found, or that nothing was
     * @param allowed what would do
     */
    public SettingException(String setting, String found, String allowed) {
        super(name(setting) + ": " + found + "; allowed: " + allowed);
    }

    private static String name(String setting) {
        boolean ofCommandLine = setting.startsWith("--") || Character.isUpperCase(setting.charAt(0));
        return ofCommandLine
                ? setting
                : "setting " + setting + " (environment " + Settings.environmentName(setting) + ")";
    }
}
