"""Messages 9xx: `mtl_dependency`."""


class DependencyErrors:
    """Errors 9xx."""

    E901 = (
        "The component '{name}' has no relation: none of {found} examples has a dependency tree. Expected heads and "
        "relations (token.head, token.dep_) in the references of the training data. Give the corpus trees with "
        "`spacy mtl silver`, or give labels in [initialize.components.{name}]. If the corpus is not for this task, "
        "take '{name}' out of nlp.pipeline and of the scaffold, and its scores out of [training.score_weights]."
    )
    E902 = (
        "The component '{name}': the labels of [initialize.components.{name}.labels] should be a dict with the keys "
        "'relations' and 'tags', as `spacy init labels` writes it; found {found}."
    )
    E903 = (
        "{text} has a dependency tree that is none, and the component '{name}' cannot learn from it: {fault}. Expected "
        "one root in each sentence, and heads in the same sentence that lead to it. Correct the heads in the corpus, "
        "or leave the sentence without them: a token without a relation (token.dep_) is not learned from."
    )
    E904 = (
        "The component '{name}' is initialized with the relations {labels}; another cannot be added. Give all labels "
        "to initialize, or add them before it."
    )
    E905 = (
        "The component '{name}' is not initialized. Call `nlp.initialize(get_examples)` with annotated examples, or "
        "load a trained pipeline."
    )
    E906 = (
        "The component '{name}' has scores that are not finite numbers: the training diverges. Lower the learning rate "
        "or warm it up, and check the vectors of the encoder."
    )


class DependencyWarnings:
    """Warnings 9xx."""

    W901 = (
        "Component '{name}' has a Doc without borders of sentences, and the setting borders = 'doc': the whole Doc "
        "counts as one sentence, and gets one tree. Add a component that sets borders before this one ('senter' or "
        "'sentencizer'), or set borders = 'punctuation'. Further such Docs are not reported."
    )
