"""Messages 6xx: scoring, logging and the command line."""


class CommandErrors:
    """Errors 6xx."""

    E601 = "The kind of progress bar is unknown: expected null or one of {expected}, found '{found}'."
    E602 = (
        "The score '{name}' cannot be logged: expected a number, found {found}. "
        "Set it to null under [training.score_weights]."
    )
    E603 = (
        "The pipeline '{path}' cannot be loaded: expected a folder with a config.cfg and a meta.json, such as "
        "model-best of `spacy train`, or the name of an installed package; found {found}."
    )
    E604 = "The folder {path} exists already. Name one that does not, or remove it: nothing is overwritten."
    E607 = (
        "The setting `balance` of a logger names the columns {found}. Expected any of {expected}, or an empty list. "
        "Change it in [training.logger]."
    )
    E610 = (
        "The pipeline '{path}' cannot be loaded: {problem}. Expected a whole pipeline whose packages are installed, in "
        "versions that fit. Copy it again, train it again, or install what is missing."
    )
    E611 = (
        "Nothing can be scored on {paths}: expected annotation for one component of the pipeline at least ({names}), "
        "found none. `spacy mtl inspect` shows what a corpus holds."
    )
    E612 = (
        "The file {path} cannot be written: {problem}. Expected the name of a file in a folder that can be written to."
    )
    E613 = "Text {number} is left out: expected {expected}. The other texts are shown."
    E614 = (
        "The setting `columns` of a logger is {found}. Expected null, or a list of any of {kinds}, names of scores, "
        "and `loss_` with the name of a component. Change it in [training.logger]."
    )
    E615 = (
        "The setting `width` of a logger is {found}. Expected the number of characters in a line, {narrowest} at "
        "least. Change it in [training.logger]."
    )
    E620 = (
        "Translations cannot be scored: {problem}. Expected the package sacrebleu: pip install 'spacy-mtl[translate]', "
        "or set the scorer of the component to null."
    )
    E621 = (
        "The setting `tokenize` of the scorer of translations is '{found}'. Expected null or one of sacrebleu's: "
        "{expected}."
    )
    E642 = "{path} is there already. Choose another file, or write over it with --force."
    E643 = "{path} is there already. Expected a folder that does not exist, or an empty one."
    E644 = (
        "The project's files (configs, scripts, starter corpus) are neither in {package} nor beside it. Install the "
        "package from its wheel, or work in a checkout."
    )
    E645 = (
        "The language '{found}' is not known. Expected the code of a language that spaCy has, such as en or pt, or xx "
        "for several."
    )
    E650 = (
        "There is no layer {found} that a pipeline could give. Expected names among {expected}, with commas between "
        "them, as in --layers tags,parse."
    )
    E651 = (
        "No component of the pipeline gives the layer '{layer}'; it has {found}. Name another pipeline, or other "
        "--layers. A disabled component gives nothing."
    )
    E652 = (
        "The pipeline gave the layer '{layer}' to none of {count} texts, so that nothing was written. Expected a "
        "pipeline with a trained component for it. Name another pipeline, or other --layers."
    )
    E653 = (
        "The pipeline changes the tokens of '{text} ...': expected {expected} as in the corpus, found {found}. Take "
        "the component that merges or splits tokens, such as merge_entities, out of the pipeline."
    )


class CommandWarnings:
    """Warnings 6xx."""

    W601 = "{name}: {component} has gold labels that the pipeline does not know. They count as missed: {labels}."
    W602 = "{name}: nothing in it is annotated for any component of the pipeline, so that it has no scores."
    W603 = (
        "[training.score_weights] names scores that no component of the pipeline gives: {names}. Expected scores of "
        "the components {pipeline}. They count for nothing and have no column in the log; the other weights are scaled "
        "to a sum of 1. Correct the names, or set them to null."
    )
    W604 = (
        "No score of this pipeline has a weight above 0 in [training.score_weights], so that no step would be the "
        "best. These are weighed instead: {names}. Set their weights in the config."
    )
    W607 = (
        "[training.logger] asks for columns that the pipeline does not have: {names}. They are left out. Expected any "
        "of {kinds}, scores that a component gives, and `loss_` with the name of a component."
    )
    W610 = (
        "{name}: it is annotated for {layer}, but {fault}: nothing can be learned from that, and it is no task. The "
        "other tasks are trained."
    )
    W611 = (
        "{name}: {count} of {total} texts for testing are also texts to train on. The scores are too good by that; "
        "take them out of one part."
    )
    W612 = (
        "{path} is not written: expected an mtl_tok2vec to which a trainable component listens, found the pipeline "
        "{pipeline}. Take [training.logger] balance_file out, or share an encoder."
    )
