"""Messages 7xx of recipes: configs that are made, and quick starts."""


class RecipeErrors:
    """Errors 760 to 769 and 785 to 798."""

    E760 = (
        "Unknown task '{found}'. Expected one or several of {expected}, with commas between them, each with a name of "
        "its own if you like: textcat:intent,ner,srl."
    )
    E761 = (
        "The task name '{name}' cannot be used (tasks: {names}). Expected a letter, then letters, digits, '_' or '-', "
        "each name once, and not 'tok2vec', which is the encoder's."
    )
    E762 = (
        "The source '{found}' cannot be read. Expected name=train.spacy,dev.spacy:task,task, where the development "
        "part and the tasks may be missing, as in news=news.spacy:ner,srl."
    )
    E763 = "Unknown value '{found}'. Expected one of {expected}."
    E764 = "Each source needs a name of its own. Found: {names}."
    E765 = "A pretrained encoder reads no static vectors. Leave out the vectors, or take another encoder."
    E766 = (
        "No tasks. Name them (--tasks textcat:intent,ner,srl), or give corpora that are annotated for some "
        "(--source news=news.spacy)."
    )
    E767 = (
        "The source '{source}' is to teach '{task}', which is no task of the pipeline, and no kind of task that "
        "could be one. Name it among the tasks, as in --tasks textcat:{task}."
    )
    E768 = (
        "The source '{source}' is annotated for none of the tasks {tasks}. Look at it with `spacy mtl inspect`, or "
        "name the tasks that it has."
    )
    E769 = "'{name}' cannot be set: the config has no section [{section}]. It has: {sections}."
    E785 = (
        "'{found}' names no corpus. Expected a file, a folder, or name=train.spacy,dev.spacy,test.spacy:task,task, "
        "where the later parts and the tasks may be missing, as in news=news.conllu:ner."
    )
    E786 = (
        "Two corpora would have the name '{name}': {other} and {path}. Give them names that differ, as in "
        "first={other}; or parts of one corpus in their order, as in {name}=train.spacy,dev.spacy,test.spacy."
    )
    E787 = (
        "There is no part to train on beside {paths}. Expected one whose name says 'train', or the parts in their "
        "order, as in news=train.spacy,dev.spacy,test.spacy."
    )
    E788 = (
        "{path} has {found} texts, of which parts for development and for testing are to be held out: expected "
        "{fewest} texts at least. Annotate more, or give parts of your own, as in mine=train.csv,dev.csv,test.csv."
    )
    E789 = "{path} is a spreadsheet program's own file. Expected text: save the sheet as CSV in UTF-8, and take that."
    E790 = (
        "There is nothing to learn in the corpus '{name}' ({path}). Expected texts that differ in their categories, or "
        "with entities, semantic roles or translations; it is annotated for {found}. Look at it with `spacy mtl "
        "inspect`; columns are named by --text-column and --label-columns."
    )
    E791 = (
        "The folder {path} has {found}, which this command has not made. Choose another --output, or let it replace "
        "files of its own names there with --force."
    )
    E792 = (
        "{path} holds a finished pipeline that was made from something else ({changed}). Choose another --output, or "
        "replace it with --force."
    )
    E793 = "Nothing can be written to {path}: {problem}. Choose a folder that can be written to, by --output."
    E794 = (
        "There is no option {found}. Expected one that --help lists, or a setting of the config with its section, such "
        "as --training.max_steps 500."
    )
    E795 = (
        "A setting of a component does not fit. {title}: {faults}. Expected settings that its factory has, with values "
        "of their types, as docs/config.md lists them."
    )
    E796 = (
        "--private or --scaffold names '{found}', which is not one task of {expected}. Expected for --private names of "
        "tasks, and for --scaffold kinds that are not among the tasks, such as dependency."
    )
    E797 = "Cannot read '{found}' of {option}. Expected names, each once, with numbers from 0, as ner=5,srl=1."
    E798 = (
        "{option} {found} does not fit what there is. Expected a number for {expected}; --sampling is for several "
        "sources and names all of them, one with more than 0."
    )
