package dev.tokenmeter.pricing;

import java.util.List;

/** The model of one query; its other forms are made when a source does not know the name itself. Used by one thread. */
final class NameOf {
    private final String model;
    private List<ModelForms.Form> forms;

    NameOf(String model) {
        this.model = model;
    }

    String model() {
        return model;
    }

    List<ModelForms.Form> forms() {
        if (forms == null) {
            forms = new ModelForms(model).all();
        }
        return forms;
    }
}
