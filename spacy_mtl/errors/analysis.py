"""Messages 7xx: trainings and what is asked of them, extraction, annotation in bulk."""


class AnalysisErrors:
    """Errors 7xx."""

    E701 = (
        "The folder {folder} holds a training of another config, budget or version of the packages, of other data or "
        "by other code. Name another output folder, or remove this one to train again."
    )
    E702 = (
        "Trainings cannot be started: expected 1 or more jobs and names that differ, found jobs = {jobs} and the names "
        "{names}."
    )
    E703 = (
        "The teacher '{path}' has nothing to teach: expected a trained head of spacy-mtl of the same kind as one of "
        "the student ({expected}), and of the same name where one of them has several; found {found}. Name another "
        "--teacher, or rename a component."
    )
    E704 = (
        "The teacher '{path}' changes the tokens of '{text} ...': expected {expected} as the student reads them, found "
        "{found}. Take the component that merges or splits tokens, such as merge_entities, out of the teacher."
    )
    E705 = (
        "No text is left to be read by teachers in {path}: of {count} texts {long} are longer than {length} tokens "
        "(`max_length`, 0 for no limit), {faulty} cannot be read, and the others are empty. Set another length, or "
        "name other texts."
    )
    E706 = (
        "The folder {folder} has what other teachers said, or of other texts: they differ in {names}. Name another "
        "folder, or remove it and let the teachers read again."
    )
    E707 = (
        "The folder {folder} has not all that teachers say, and they cannot go on: expected `teachers`, and a `corpus` "
        "or `texts` for them to read, in the block of spacy-mtl.DistilledCorpus.v1."
    )
    E708 = (
        "The student's config has {found}, where the teachers' part cannot be written: expected {expected}. Change it "
        "there."
    )
    E709 = "The training of the student failed; {log} says why. The same command goes on from what the teachers said."
    E710 = (
        "The seeds '{found}' are wrong: expected how many, 1 or more, or seeds of 0 or more with commas between them "
        "and none twice, as in '3' or '0,1,7'."
    )
    E711 = (
        "{path} has nothing to compare: expected two or more heads that are trained on one shared encoder, found "
        "{found}. Heads share an encoder that is not frozen through spacy.Tok2VecListener.v1; compare a joint config."
    )
    E712 = (
        "--test names the task '{found}', but no head of the config that is trained has this name. Expected one of "
        "{names}, or a path alone for all."
    )
    E713 = "There is no test corpus for {tasks}. Name one with --test task=PATH, or one for all with --test PATH."
    E714 = (
        "Two test corpora are given for {what}: {first} and {second}. Expected one for each task, and one for all "
        "others."
    )
    E715 = (
        "The test corpus {path} annotates none of its {docs} texts for the task '{task}'. Name another with --test "
        "{task}=PATH; `spacy mtl inspect` shows what a corpus annotates."
    )
    E716 = (
        "The text categorizer '{name}' takes as labels all categories that are not of {others}; trained alone it would "
        "take theirs too. Name its labels, in its block or in [initialize.components.{name}]."
    )
    E717 = (
        "The corpus '{corpus}' of the config has no text for the task '{task}', which thus cannot be trained without "
        "the others. Add a source that names it in `tasks`, or annotate it."
    )
    E718 = "The budget '{found}' is unknown: expected one of {expected}."
    E719 = (
        "The training has no end that is known beforehand: expected [training] max_steps or max_epochs above 0, found "
        "max_steps = {steps} and max_epochs = {epochs}. Set one of them."
    )
    E720 = (
        "Counts cannot be compared: expected the shape (seeds, Docs, 3) twice, with one seed and one Doc or more, "
        "found {joint} and {single}."
    )
    E721 = (
        "Another worker of the training is gone: expected all of them until its end ({problem}). What it printed says "
        "why. The same command goes on from the last checkpoint."
    )
    E722 = (
        "Worker {rank} of {workers} (counted from 0) ended, and with it the training: expected the exit code 0, found "
        "{code} (-9 if it was killed, as the system does for want of memory). What is printed above says more. The "
        "same command goes on from the last checkpoint."
    )
    E723 = (
        "The workers do not train the same: {what}. Expected the same config, code, data and versions of packages for "
        "all, and a corpus that draws its random numbers from Python's `random` alone, which all have in common."
    )
    E724 = (
        "{path} cannot be gone on with: expected the checkpoint of this training, found {found}. Name another "
        "--output, or begin anew with --no-resume, which overwrites what is there."
    )
    E725 = (
        "--workers says {found}, but {expected} were started together (WORLD_SIZE). Leave it out where torchrun starts "
        "the workers."
    )
    E726 = (
        "The folder {folder} is in use by another run, process {process}: expected none. Wait until it has ended, "
        "or end it, and start again."
    )
    E727 = (
        "How many updates the joint training gets cannot be told, since the training '{name}' failed; {log} says why. "
        "Mend that and give the same command again, or choose another budget."
    )
    E728 = (
        "Several workers need PyTorch, which is not installed ({problem}). Install it with: pip install "
        "'spacy-mtl[torch]'; or leave out --workers."
    )
    E730 = (
        "No task is named for the smaller pipeline. Expected one or more of the components {expected}. Name them, as "
        "in --tasks ner,srl."
    )
    E731 = "The pipeline has no component '{task}'. Expected as tasks names among {expected}. Correct the name."
    E732 = (
        "The component '{task}' is an encoder, and no task. Expected names among {expected}. Name the components that "
        "listen to it: their encoders are kept without being named."
    )
    E733 = (
        "The scaffold names '{found}'. Expected components of the pipeline that are no encoders: {expected}. Correct "
        "[training.before_to_disk] components."
    )
    E734 = (
        "All heads of the pipeline are scaffold ({found}), so that nothing would be saved. Expected one head that is "
        "not. Take it out of [training.before_to_disk] components."
    )
    E735 = (
        "The component '{found}' is scaffold, and would not be saved, but {others} build on what it sets. Put it "
        "behind them in [nlp] pipeline, or take it out of [training.before_to_disk] components."
    )
    E736 = (
        "The score '{score}' has a weight, but '{name}', which gives it, is scaffold and would not be saved. Set it to "
        "0 or null in [training.score_weights], so that the best checkpoint is that of what is saved."
    )
    E740 = (
        "There is no balance log at {path}: expected a JSONL file or a folder with a {name}, found {found}. Such a "
        "file is written by the training's logger."
    )
    E741 = (
        "{place}: the balance log has a line in another form. Expected {expected}; found {found}. Remove the line if "
        "it was cut short when a training was stopped."
    )
    E742 = "The balance log {path} holds no batch: expected one or more. Has the training begun?"
    E743 = "A file is named twice, or files have the same name: {paths}. Expected different files. Name each once."
    E744 = (
        "Figures need the package matplotlib, which is not installed: expected version 3.8 or newer ({problem}). "
        "Install it with: pip install spacy-mtl[plot]"
    )
    E745 = (
        "The text ended the process that annotated it, alone as well (exit code {code}; -9 if the system ended it, for "
        "want of memory). Split it, or annotate it where there is more memory."
    )
    E746 = (
        "The GPU {gpu_id} cannot be used with a pipeline that is loaded already, since processes that are copied "
        "cannot use one. Give the pipeline's folder, or the name of its package."
    )
    E747 = (
        "The server is busy: expected less than {found} texts that wait. Send the text again a little later, or let "
        "more wait (max_waiting)."
    )
    E748 = (
        "There is no Ray cluster at '{address}': {problem}. Expected one that is running, such as `ray start --head` "
        "begins. Leave out --address to work on this machine."
    )
    E749 = (
        "The engine 'ray' needs the package ray, which is not installed ({problem}). Install it with: pip install "
        "spacy-mtl[ray]"
    )
    E750 = "The setting {setting} is {found}: expected a whole number of 1 or more. Correct it."
    E751 = (
        "The config {path} shares more than one encoder: expected two tasks or more that listen to one encoder, and to "
        "no other; found {found}. Take tasks out of [nlp] pipeline, or freeze them in [training], until one "
        "encoder is left that is shared."
    )
    E752 = (
        "The training corpus has no text that is annotated for the task '{task}': expected one or more, found none "
        "among the {examples} texts that were read. Check [training] train_corpus, and the tasks of its sources."
    )
    E753 = (
        "{path} was measured with another config, other data or other settings: expected {expected}, found {found}. "
        "Choose another folder, or remove the file to measure again."
    )
    E754 = (
        "The training came to its end without a measurement: expected one every {every} updates, and a change of the "
        "encoder between them; found {updates} updates. Set --every to less, or train longer."
    )
    E755 = (
        "{path} is no file that this version of the command has written: expected {expected}; found {found}. Remove it "
        "to measure again, or choose another folder."
    )
    E756 = (
        "The folder {folder} was begun with something else: {changed}. Expected the same, so that all its parts fit "
        "together. Name another folder, or remove this one."
    )
    E757 = (
        "The input is not that of which {folder} was begun: the texts of {shard} (from {place}) are others than then. "
        "Expected the same texts in the same order. Name another folder, or give the input as it was."
    )
    E758 = (
        "The folder {folder} has {found}, and is none that was begun by this command. Expected one that does not "
        "exist, is empty, or was begun with the same pipeline and input. Name another."
    )
    E759 = (
        "{path}: {problem}. Expected files that end in {expected}, or the name of a format for others (--input-format)."
    )
    E770 = (
        "The pipeline has no head to settle: expected trainable components that listen to an encoder of the pipeline "
        "and are not in the config's frozen_components, found {found}. Settle a pipeline with a shared encoder."
    )
    E771 = (
        "--tasks names {found}: expected heads that listen to an encoder of the pipeline, are not frozen in the "
        "config and not read by another head, which are {expected}. Correct the names."
    )
    E772 = (
        "The pipeline lacks components of the config: {lacking}. Found {found}. Give the config that the pipeline was "
        "trained with; its own config.cfg is one."
    )
    E773 = (
        "The corpus '{name}' of the config, [training] dev_corpus, has no text: expected held-out annotation, on which "
        "the best step of each head is chosen. Correct its path, as by --paths.dev dev.spacy."
    )
    E774 = (
        "The component '{task}' cannot be settled: the development corpus gives it no score for {scores}. Expected a "
        "number. Correct [training.score_weights], annotate the corpus for it, or name the other heads by --tasks."
    )
    E775 = (
        "Expected 1 or more steps, of which 1 or more lie between evaluations, and a learning rate above 0; found "
        "steps = {steps}, eval_every = {eval_every}, learn_rate = {learn_rate}. Give them by --steps, --eval-every and "
        "--learn-rate; a config whose max_steps is 0 does not tell the steps."
    )
    E776 = (
        "Parquet needs the package pyarrow, which is not installed ({problem}). Install it with: pip install "
        "spacy-mtl[parquet]"
    )
    E777 = (
        "{path} cannot be written to: {problem}. Expected a place with room for all texts. Make room: the same command "
        "goes on from what is there."
    )
    E778 = (
        "The processes that annotate die (the last one with exit code {code}) at {place}, however often it is tried. "
        "Expected that a text alone can be annotated. Take fewer --workers, or a smaller --batch-size, if memory "
        "is short; what is finished is kept."
    )
    E779 = (
        "A process that annotates failed: {error}. Expected a pipeline that can be used in a process of its own; try "
        "it by `spacy mtl show`."
    )
    E780 = (
        "There is no config at {path}: found {found}. Expected a .cfg file, such as `spacy mtl init-config` writes. "
        "Check the path."
    )
    E781 = "Not a text: expected {expected}. Correct it, and annotate the file of these texts."
    E782 = (
        "The text is too long: expected {expected:,} characters at most (nlp.max_length), found {found:,}. Split it, "
        "or set a larger --max-length."
    )
    E783 = "The pipeline failed on this text alone: {error}. Expected a Doc. Try it by `spacy mtl show`."
    E784 = "{path} cannot be read: expected {expected}, found {found}. Name the column of the text by --text-column."


class AnalysisWarnings:
    """Warnings 7xx."""

    W750 = (
        "No teacher has a task for {names}: these components of the student learn from gold alone. A task is taught by "
        "a head of the same kind, and of the same name where a pipeline has several of the kind."
    )
    W751 = "{path}: {count} texts are longer than {length} tokens (`max_length`) and left out; {left} are left."
    W752 = "{path}: {count} texts cannot be read and are left out; {left} are left. The first: {first}"
