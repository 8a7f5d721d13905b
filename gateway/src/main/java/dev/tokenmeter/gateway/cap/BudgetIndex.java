package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.ModelName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Finds the budgets of a tenant that a call concerns without looking at all of them: each is filed under one value of its
 * scope. Immutable.
 */
final class BudgetIndex {
    static final BudgetIndex EMPTY = new BudgetIndex();

    /** Those with the most values first, so that few budgets share a value. */
    private static final List<String> PREFERRED = List.of("api_key_id", "end_user");

    private static final List<String> LAST = List.of("operation", "provider");

    private final List<BudgetAccount> unscoped = new ArrayList<>();
    private final Map<String, Map<String, List<BudgetAccount>>> byValue = new HashMap<>();
    private boolean readsRequests;

    private BudgetIndex() {}

    static BudgetIndex of(Collection<BudgetAccount> accounts) {
        BudgetIndex index = new BudgetIndex();
        accounts.forEach(index::add);
        return index;
    }

    private void add(BudgetAccount account) {
        Map<String, String> scope = account.scope().values();
        readsRequests |= account.budget().getHard()
                || account.budget().getFallbackModel() != null
                || scope.keySet().stream().anyMatch(BudgetIndex::mayStandInBody);
        if (scope.isEmpty()) {
            unscoped.add(account);
            return;
        }
        String dimension = filedBy(scope);
        byValue.computeIfAbsent(dimension, name -> new HashMap<>())
                .computeIfAbsent(filedUnder(dimension, scope.get(dimension)), value -> new ArrayList<>())
                .add(account);
    }

    private static boolean mayStandInBody(String dimension) {
        return dimension.equals(BudgetDimensions.MODEL)
                || dimension.equals("end_user")
                || dimension.startsWith(BudgetDimensions.TAG_PREFIX);
    }

    private static String filedBy(Map<String, String> scope) {
        List<String> names = new ArrayList<>(PREFERRED);
        scope.keySet().stream()
                .filter(name -> !PREFERRED.contains(name) && !LAST.contains(name))
                .sorted()
                .forEach(names::add);
        names.addAll(LAST);
        return names.stream().filter(scope::containsKey).findFirst().orElseThrow();
    }

    private static String filedUnder(String dimension, String value) {
        return dimension.equals(BudgetDimensions.MODEL) ? ModelName.withoutSnapshot(value) : value;
    }

    /** Whether a verdict may depend on what a request's body says. */
    boolean readsRequests() {
        return readsRequests;
    }

    /**
     * The budgets to which a test applies among those that a call may concern.
     *
     * @param valueOf the call's value of a dimension; null where it has none, or for a model that cannot be told
     * @param modelUnknown whether budgets of any model may be meant
     */
    List<BudgetAccount> find(UnaryOperator<String> valueOf, boolean modelUnknown, Predicate<BudgetAccount> test) {
        List<BudgetAccount> found = new ArrayList<>();
        addAll(unscoped, test, found);
        byValue.forEach((dimension, accounts) -> {
            String value = valueOf.apply(dimension);
            if (value != null) {
                addAll(accounts.getOrDefault(filedUnder(dimension, value), List.of()), test, found);
            } else if (modelUnknown && dimension.equals(BudgetDimensions.MODEL)) {
                accounts.values().forEach(some -> addAll(some, test, found));
            }
        });
        return found;
    }

    private static void addAll(List<BudgetAccount> accounts, Predicate<BudgetAccount> test, List<BudgetAccount> found) {
        for (BudgetAccount account : accounts) {
            if (test.test(account)) {
                found.add(account);
            }
        }
    }
}
