package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.schemas.budget.ModelName;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Names that both sides are compared under. A name is its own, without what resource names have before it; but where one
 * side says {@code gpt-4o} and the other its snapshots, all of them are compared as {@code gpt-4o}. A fine-tuned model is
 * itself.
 */
final class ModelNames {
    private final Map<String, String> names = new HashMap<>();

    /** @param ours names in events, of one provider; {@code theirs} those in its exports */
    ModelNames(Collection<String> ours, Collection<String> theirs) {
        Set<String> here = plain(ours);
        Set<String> there = plain(theirs);
        Set<String> all = new HashSet<>(here);
        all.addAll(there);
        for (String name : all) {
            String family = ModelName.withoutSnapshot(name);
            boolean oneSideOnly = here.contains(family) != there.contains(family);
            names.put(name, oneSideOnly ? family : name);
        }
    }

    private static Set<String> plain(Collection<String> names) {
        Set<String> plain = new HashSet<>();
        names.forEach(name -> plain.add(plain(name)));
        return plain;
    }

    private static String plain(String name) {
        int resource = name.lastIndexOf("models/");
        return resource < 0 ? name : name.substring(resource + "models/".length());
    }

    String of(String name) {
        String plain = plain(name);
        return names.getOrDefault(plain, plain);
    }
}
