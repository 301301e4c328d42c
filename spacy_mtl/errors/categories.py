"""Messages 3xx: `mtl_textcat`."""


class CategoryErrors:
    """Errors 3xx."""

    E301 = (
        "The pooling of a text categorizer is wrong: expected at least one of {expected}, none twice; found {found}. "
        "Change `pooling` in the config of the model."
    )
    E302 = (
        "The linear model '{model}' of a text categorizer gives probabilities (its layer '{layer}'), but its "
        "scores are added to logits. Set `no_output_layer = true` in the block of the linear model."
    )
    E303 = (
        "The component '{name}' is not initialized: it has no labels and no weights yet. "
        "Call nlp.initialize with examples, run `spacy train`, or load a trained pipeline."
    )
    E304 = (
        "The component '{name}' cannot be initialized: none of the {found} examples annotates a text category. "
        "Expected example.reference.cats with labels as keys and values from 0 to 1. Fill doc.cats in the training "
        "corpus, or set the labels under [initialize.components.{name}.labels]. If the corpus is not for this task, "
        "take '{name}' out of nlp.pipeline, and its scores out of [training.score_weights]."
    )
    E305 = (
        "The component '{name}' has too few labels: expected at least {expected} with exclusive = {exclusive}, found "
        "{found}. Set [initialize.components.{name}.labels], add a label for the other case to doc.cats, or set "
        "exclusive = false."
    )
    E306 = (
        "The components '{name}' and '{other}' both have the labels {labels}, and would overwrite each other in "
        "doc.cats. Say which labels are whose: set [initialize.components.{name}.labels] and "
        "[initialize.components.{other}.labels]."
    )
    E307 = (
        "The components '{name}' and '{other}' would both take all categories of the examples as their labels. "
        "Say which labels are whose: set [initialize.components.{name}.labels] or "
        "[initialize.components.{other}.labels]."
    )
    E308 = (
        "A text category has a wrong gold value: expected a number from 0 to 1, found {value!r} for the label "
        "'{label}' in the Doc that starts with '{text}'. Mend doc.cats; leave out a label whose value is unknown."
    )
    E309 = (
        "The component '{name}' expects one label for a Doc (exclusive = true), but the Doc that starts with '{text}' "
        "has {found} labels with the value 1: {labels}. Keep one of them, or set exclusive = false."
    )
    E310 = (
        "The component '{name}' expects one label for a Doc (exclusive = true), but the Doc that starts with '{text}' "
        "has the value 0 for all of them: {labels}. Leave out the labels that are unknown, add a label for 'none of "
        "these', or set exclusive = false."
    )
    E311 = (
        "No labels are left for the component '{name}': every category in the examples belongs to {others}. Set "
        "[initialize.components.{name}.labels], or annotate the Docs with categories of this component."
    )
    E312 = (
        "The n-gram model cannot be built with {name} = {found}: expected {expected}. Change it in the block of "
        "spacy-mtl.NgramModel.v1."
    )


class CategoryWarnings:
    """Warnings 3xx."""

    W301 = (
        "The component '{name}' learns nothing from these examples: none of the {found} is annotated for it, with one "
        "of its labels ({labels}). Check the annotation of the training corpus, and the `tasks` of its sources."
    )
    W302 = (
        "The component '{name}' expects one label for a Doc (exclusive = true), but the values of its labels add up to "
        "more than 1 in {found} of {total} annotated Docs, to {largest:.2f} in one. Each is scaled to 1. If several "
        "labels can hold at once, set exclusive = false."
    )
