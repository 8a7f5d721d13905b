package dev.tokenmeter.pricing;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names under which a model may be listed, beside its own. Each rule is one of a provider's own:
 * <ul>
 *   <li>dated snapshots, {@code gpt-4o-2024-08-06}, {@code claude-haiku-4-5-20251001}, on Vertex {@code …@20251001}, on
 *       Bedrock {@code …-20251001-v1:0}, and {@code -latest};
 *   <li>a fine-tuned model, {@code ft:gpt-4o-2024-08-06:acme:name:id}, is billed as {@code ft:gpt-4o-2024-08-06}, never as
 *       the model that it was made of (<a href="https://platform.openai.com/docs/guides/supervised-fine-tuning">OpenAI</a>);
 *   <li>a resource name, {@code models/gemini-2.5-pro}
 *       (<a href="https://ai.google.dev/api/models">Gemini</a>);
 *   <li>a Bedrock inference profile, {@code us.anthropic.claude-…}, of which the first part is a region
 *       (<a href="https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html">AWS</a>).
 * </ul>
 */
final class ModelForms {
    /**
     * One name.
     *
     * @param name the name
     * @param undated the same without its date; null where it has none
     * @param region region that a price under this name must list; null where the name implies none
     */
    record Form(String name, String undated, String region) {}

    private static final Pattern DATE =
            Pattern.compile("(?:[-@]\\d{8}|-\\d{4}-\\d{2}-\\d{2})(?:-v\\d{1,2}(?::\\d{1,2})?)?$|-latest$");
    private static final Pattern PROFILE = Pattern.compile("^(us|eu|apac|global|us-gov|jp|au|ca|sa)\\.(.+)$");

    private final List<Form> forms;

    ModelForms(String model) {
        List<Form> list = new ArrayList<>(3);
        list.add(form(model, null));
        if (model.startsWith("ft:")) {
            String base = fineTunedBase(model);
            list.add(form(base, null));
        } else if (model.contains("models/")) {
            list.add(form(model.substring(model.lastIndexOf("models/") + "models/".length()), null));
        }
        Matcher profile = PROFILE.matcher(model);
        if (profile.matches()) {
            list.add(form(profile.group(2), profile.group(1)));
        }
        this.forms = list;
    }

    List<Form> all() {
        return forms;
    }

    private static String fineTunedBase(String model) {
        int end = model.indexOf(':', "ft:".length());
        return end < 0 ? model : model.substring(0, end);
    }

    private static Form form(String name, String region) {
        Matcher date = DATE.matcher(name);
        return new Form(name, date.find() && date.start() > 0 ? name.substring(0, date.start()) : null, region);
    }
}
