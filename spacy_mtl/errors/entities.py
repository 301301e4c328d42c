"""Messages 2xx: `mtl_ner`."""


class EntityErrors:
    """Errors 2xx."""

    E201 = (
        "Unknown tagging scheme '{scheme}'. Expected one of {schemes}. "
        "Set `scheme` in the settings of the component 'mtl_ner'."
    )
    E202 = (
        "The model of the tagger is made for {found} tags, but the labels of the component need {expected}. "
        "Set `nO = null` in the settings of the model, so that it is inferred from the labels."
    )
    E203 = (
        "The component '{name}' has scores or a loss that are not finite numbers: the training diverges. "
        "Lower the learning rate or warm it up, and check the vectors of the encoder."
    )
    E204 = (
        "The component '{name}' has no entity label: {found}. Expected entities in the references of the training "
        "data. Set `doc.ents` on Docs of the training corpus, or give labels in [initialize.components.{name}]. If the "
        "corpus is not for this task, take '{name}' out of nlp.pipeline, and its scores out of "
        "[training.score_weights]."
    )
    E205 = "The component '{name}' cannot have the label {label}. Expected a string that is not blank."
    E206 = (
        "The component '{name}' is not initialized. Call `nlp.initialize(get_examples)` with annotated examples, "
        "or load a trained pipeline."
    )
    E207 = (
        "The component '{name}' is initialized and cannot take another label. It has: {labels}. "
        "Add labels before `nlp.initialize`, or name them all in `[initialize.components.{name}]`."
    )
    E208 = (
        "The component '{name}' cannot be initialized: expected at least one example with tokens, found none. "
        "Check the training corpus."
    )
    E210 = (
        "The component '{name}' cannot take these labels: {found}. Expected a list of strings, as in "
        'labels=["PERSON", "PLACE"].'
    )
    E211 = (
        "The component '{name}' would write its entities nowhere: spans_key = {spans_key!r}, annotate_ents = "
        "{annotate_ents}. Expected annotate_ents = true, the name of a span group as spans_key, or both."
    )
    E212 = (
        "The component '{name}' was trained with {setting} = {saved!r}, and its config says {found!r}. This setting "
        "cannot change after training: set it back in [components.{name}], or train anew."
    )
    E213 = (
        "The weights that were saved of the component '{name}' do not fit the model of its config: {error}. Expected "
        "the model that they were trained with: set [components.{name}.model] back to what it was, or train anew."
    )


class EntityWarnings:
    """Warnings 2xx."""

    W201 = (
        "The entity annotation of {count} texts in a batch allows no legal tag sequence; the component '{name}' "
        "learns nothing from these texts. Check their doc.ents against the scheme: a tag such as I- after O, say."
    )
    W202 = (
        "The component '{name}' does not have labels that {where} is annotated with, and learns nothing of them: "
        "{unknown}. It has {known}. To learn them, name them all in [initialize.components.{name}.labels] and train "
        "anew; if they are another component's, give their source `tasks`; else there is nothing to do."
    )
    W210 = (
        "The span group '{key}' has entities that overlap, and the component '{name}' learns flat ones: the longest "
        "stays. Left out in a batch: {found}. It is said once. Keep what overlaps in groups of its own, each with a "
        "component, or train a spancat."
    )
    W211 = (
        "Entities cross a border of sentences in the predicted Doc, {count} in a batch: the component '{name}' learns "
        "nothing of their tokens, and finds no such entity. It is said once. Check what sets the borders, or put it "
        "after the component."
    )
    W212 = (
        "The setting `labels` of the component '{name}' names {found}, but it was trained for {saved} and keeps them. "
        "Set `labels` to them, or to null, in [components.{name}], or train anew."
    )
