package dev.tokenmeter.standalone;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One {@link RunningStandalone} for all test classes that ask for it; each test uses a tenant of its own. */
final class StandaloneExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace SHARED = ExtensionContext.Namespace.create("standalone");

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningStandalone.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(SHARED).computeIfAbsent("running", key -> start(), RunningStandalone.class);
    }

    private static RunningStandalone start() {
        try {
            return new RunningStandalone(RunningStandalone.newFolder());
        } catch (Exception e) {
            throw new IllegalStateException("standalone did not start: " + e.getMessage(), e);
        }
    }
}
