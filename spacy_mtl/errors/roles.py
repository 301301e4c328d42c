"""Messages 5xx: `mtl_srl`."""


class RoleErrors:
    """Errors 5xx."""

    E501 = (
        "Component '{name}': predicates = '{value}'. Expected 'predict' (find predicates) or 'doc' (take those that "
        "the Doc has in the span group)."
    )
    E502 = (
        "Component '{name}': threshold = {threshold}, window = {window}, min_role_freq = {min_role_freq}. Expected a "
        "threshold between 0 and 1, a window of 0 (no limit) or more tokens, a frequency of 0 or more."
    )
    E503 = (
        "Component '{name}' has no roles and so cannot run. Initialize the pipeline with annotated examples "
        "(nlp.initialize(get_examples) or `spacy train`), or load a trained pipeline. A component in frozen_components "
        "needs `source`."
    )
    E504 = "Component '{name}': get_loss was called before begin_update scored a batch. Call update instead."
    E505 = (
        "Component '{name}' cannot be initialized: no example of the training corpus has frames in "
        "doc.spans['{key}']. Check the corpus and the setting spans_key, or write frames with "
        "spacy_mtl.frames.set_frames. If the corpus is not for this task, take '{name}' out of nlp.pipeline, and its "
        "scores out of [training.score_weights]."
    )
    E506 = (
        "Component '{name}': the labels of [initialize.components.{name}.labels] should be a dict with the keys "
        "'roles' and 'rolesets' (and what else `label_data` has), as `spacy init labels` writes it; found {found}."
    )
    E507 = (
        "The component '{name}' finds no role that occurs {freq} times in the training corpus: expected one at least, "
        "found {roles}. Set min_role_freq to 1."
    )
    E508 = (
        "The component '{name}' is initialized with the roles {labels}; another cannot be added. Give all labels to "
        "initialize, or add them before it."
    )
    E510 = (
        "Component '{name}': borders = '{value}'. Expected {expected}: where sentences end in a Doc that does not say "
        "so. Set one of these."
    )
    E511 = (
        "Whole documents are to be joined (join = 0), but Doc number {number}, '{text} ...', does not say which "
        "document it is of. Expected an id in doc.user_data['doc_id']. Say instead how many Docs to join, such as 4."
    )


class RoleWarnings:
    """Warnings 5xx."""

    W501 = (
        "The component '{name}' leaves out roles that occur fewer than {freq} times in the training corpus: "
        "{roles}. Set min_role_freq to 1 to learn them all."
    )
    W510 = (
        "Component '{name}' has a Doc without borders of sentences, and the setting borders = 'doc': the whole Doc "
        "counts as one sentence, and a predicate may take arguments from all of it. Add a component that sets borders "
        "before this one ('senter', 'parser' or 'sentencizer'), or set borders = 'punctuation'. Further such Docs are "
        "not reported."
    )
    W511 = (
        "Component '{name}': {cut} of the {total} arguments of the training corpus lie outside the sentence of their "
        "predicate, or reach beyond it. They are left open in training, neither right nor wrong, and will not be "
        "found. If sentences are cut in the wrong places, set their borders in the corpus (token.is_sent_start)."
    )
