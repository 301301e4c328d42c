"""Messages 10xx: `mtl_translate`."""


class TranslationErrors:
    """Errors 10xx."""

    E1001 = (
        "The component '{name}' has nothing to learn from: no example has a translation{into} that is not empty; there "
        "are translations into: {languages}. Expected texts in doc.spans['translation'], as `spacy mtl convert` and "
        "spacy_mtl.translations.set_translations write them. Check the corpus and the setting lang; if the corpus is "
        "not for this task, take '{name}' out of nlp.pipeline, and its scores out of [training.score_weights]."
    )
    E1002 = (
        "The component '{name}' writes one language, and the corpus has translations into {languages}. Set lang in "
        "the block [components.{name}] to one of them, and add a component for each of the others."
    )
    E1003 = (
        "The subwords of the component '{name}' cannot be used: {problem}. Expected a model of sentencepiece whose "
        "marks are pad = 0, bos = 1, eos = 2 and unk = 3 (--pad_id=0 --bos_id=1 --eos_id=2 --unk_id=3). Leave "
        "[initialize.components.{name}] subwords = null to learn one from the training corpus."
    )
    E1004 = (
        "The component '{name}' needs sentencepiece, which is not installed. Install it with: "
        "pip install 'spacy-mtl[translate]'."
    )
    E1005 = (
        "The component '{name}' is not initialized. Call `nlp.initialize(get_examples)` with translated examples, or "
        "load a trained pipeline."
    )
    E1006 = (
        "The component '{name}' is initialized for the language '{language}'; another cannot be added. Add a component "
        "for each language."
    )
    E1007 = (
        "The component '{name}' has scores that are not finite numbers: the training diverges. Lower the learning rate "
        "or warm it up, and check the vectors of the encoder."
    )
    E1008 = (
        "--languages names '{found}'. Expected components that translate ({names}), each once, with the language, as "
        "in german=de,french=fr. Name them among the tasks, as in --tasks translate:german,translate:french."
    )
    E1009 = (
        "The component '{name}' cannot translate into '{found}': expected {expected}. Say another by --languages, or "
        "name the component otherwise."
    )
    E1010 = (
        "The components {names} would all translate into '{language}'. Expected a language for each. Say which by "
        "--languages, or leave all but one of them out."
    )
    E1011 = (
        "Nothing says which language the component '{name}' translates into: expected one language in its corpora that "
        "no other component has, or a name that is a language, as in translate:de; found in its corpora: {found}. Say "
        "it by --languages {example}, or --tasks with a component for each."
    )


class TranslationWarnings:
    """Warnings 10xx."""

    W1001 = (
        "The component '{name}' leaves a text of {found} tokens untranslated, '{text} ...': expected at most {most}. "
        "Divide it, such as into sentences, or raise max_source_length. Further such texts are not reported."
    )
    W1002 = (
        "The component '{name}' learns from a translation with characters that its subwords do not have: '{text} ...'. "
        "It can never write them. Expected the script of the translations that it was initialized with: check the "
        "corpus, or initialize with all of it. Further such texts are not reported."
    )
    W1003 = (
        "The component '{name}' leaves empty translations out: that of '{text} ...' is one. Expected text, or no "
        "translation where there is none. Further ones are not reported."
    )
    W1004 = (
        "Nothing tells whether '{found}', into which the component '{name}' is to translate, is a language of its "
        "corpus: no corpus is there to be read, and spaCy knows no such code. Expected the name that the corpus gives "
        "the language; training fails on another (E1001). Check it for a slip, or name the corpus by --source."
    )
