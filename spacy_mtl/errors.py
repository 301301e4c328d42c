"""Every message of the package, each with a code that tests and users can search for."""

from typing import Any


class _MessagesWithCodes(type):
    def __getattribute__(cls, code: str) -> Any:
        message = super().__getattribute__(code)
        if code.startswith("_"):
            return message
        return f"[MTL-{code}] {message}"


class Errors(metaclass=_MessagesWithCodes):
    """Messages of exceptions. Codes: 0xx frames, 1xx data, 2xx NER, 3xx text categories,
    4xx encoder and balancing, 5xx semantic roles, 6xx scoring, logging and command line."""

    E001 = (
        "Span group '{key}' of the Doc '{doc} ...' holds a span without a frame id: '{text}' (tokens "
        "{start}-{end}, label '{label}'). Expected the id of every span to be the index of its predicate's first "
        "token. Write frames with spacy_mtl.frames.set_frames, which sets the ids."
    )
    E002 = (
        "Span group '{key}' of the Doc '{doc} ...' holds the frame '{frame}' without a predicate: expected exactly "
        "one span labelled 'V', found {found}. Its spans: {spans}. Add the predicate, or drop the frame, with "
        "spacy_mtl.frames.set_frames."
    )
    E003 = (
        "Frame '{frame}' in span group '{key}' of the Doc '{doc} ...' {problem}. Expected its spans on tokens, and its "
        "id to be the index of the predicate's first token. Doc.from_docs, Span.as_doc and retokenization move tokens "
        "and know nothing of frames. Use spacy_mtl.frames.join_docs and spacy_mtl.frames.slice_doc, retokenize before "
        "frames are written, or write them again with spacy_mtl.frames.set_frames."
    )
    E004 = (
        "A frame cannot be written: {what} covers tokens {start}-{end}, but the Doc has tokens 0-{length}. "
        "Expected 0 <= start < end <= {length}."
    )
    E005 = (
        "A frame cannot be written: two frames have their predicate at token {start} ('{token}'). "
        "A token heads at most one frame; merge the two or move one of them."
    )
    E006 = "A frame cannot be written: the {what} at tokens {start}-{end} is empty. Expected a label such as 'ARG0'."
    E007 = (
        "A frame cannot be written: an argument at tokens {start}-{end} has the role 'V'. 'V' marks the predicate "
        "itself; give the predicate's span as the frame's start and end, and use 'C-V' for its further parts."
    )
    E008 = (
        "Docs cannot be joined: {what} of the docs do. Expected frames on every Doc or on none, because a joined "
        "Doc is annotated as a whole. Set frames on the rest with spacy_mtl.frames.set_frames(doc, [])."
    )
    E009 = (
        "The argument {role} (tokens {start}-{end}) of '{predicate}' shares tokens with its {other}, in the Doc "
        "that begins with '{doc}'. Expected the predicate and the arguments of one frame to lie apart: shorten "
        "one, or split it into parts, the later ones with the role 'C-{role}'."
    )
    E010 = (
        "The loss of the component '{name}' is {loss}. Expected a finite number: the weights have diverged, or the "
        "encoder gives values that are none. Lower the learning rate, set [training.optimizer] grad_clip, or look for "
        "infinite values in static vectors."
    )
    E011 = (
        "The component '{name}' has no labels and cannot be trained. Initialize the pipeline with annotated "
        "examples (`spacy train` does), or load it with `source` from a trained pipeline; a component in "
        "frozen_components needs `source`."
    )
    E012 = (
        "A frame cannot be written: {what} is {found}. Expected {expected}. See spacy_mtl.types for what frames are "
        "made of."
    )
    E013 = (
        "A frame cannot be written: {what} is {found}, which holds half a surrogate pair and is no text. Expected "
        "Unicode: decode the file that it comes from by the encoding that it has."
    )
    E014 = (
        "A Doc cannot be sliced from token {start} to {end}: it has tokens 0-{length}. Expected "
        "0 <= start < end <= {length}."
    )
    E015 = (
        "Docs cannot be joined: found {found} vocabularies. Expected one Doc or more, all of one vocabulary: read them "
        "with the same nlp.vocab."
    )
    E020 = "Unknown style '{style}'. Expected one of {expected}."
    E101 = "There is no file {path}: found {found}. Check the path, or download the corpus (`spacy project assets`)."
    E102 = (
        "{path}, line {line}: expected text in UTF-8, found the byte {byte}, which is not. {advice} Convert the "
        "file to UTF-8."
    )
    E103 = (
        "{place}: expected {expected} columns, found {found}. "
        "Check that the file is of this format and that the line is whole."
    )
    E104 = (
        "{place}: expected the ID {expected}, the next word's, found '{found}'. Number the words from 1 without gaps."
    )
    E105 = "{place}: expected as HEAD a number from 0 to {length}, the sentence's words, or '_', found '{found}'."
    E106 = (
        "{place}: expected a tag 'O', 'B-label' or 'I-label' (in BILUO and IOBES also 'L-', 'E-', 'U-' and 'S-'), "
        "found '{found}'. Check that the column of the tags is the right one, and that all tags are of one scheme."
    )
    E107 = (
        "{place}: expected 'I-{label}' to follow 'B-{label}' or 'I-{label}', found it after '{found}'. "
        "In IOB2 every span begins with 'B-'. Correct the tags, or read what continues nothing as "
        "a beginning (--repair)."
    )
    E108 = (
        "{place}: expected document, sentence number and token number to be '{expected}', found '{found}'. "
        "Sentences are kept apart by blank lines and their tokens numbered from 0."
    )
    E109 = (
        "{place}: expected one column for each of the sentence's {expected} predicates, found {found}. "
        "A row with a roleset makes a predicate; compare the rolesets with the columns."
    )
    E110 = (
        "{place}: expected a cell such as '(ARG0*', '*', '*)' or '(V*)', found '{found}'. A span inside another one of "
        "its column is not read: leave such sentences out (--skip-bad)."
    )
    E111 = (
        "{place}: the span '{found}' opens inside the span '{open}' of the same column. "
        "Expected the spans of one column not to overlap; close the outer one first, or leave such sentences out "
        "(--skip-bad)."
    )
    E112 = "{place}: a span is {what}: '{found}'. Expected every '(' to have its ')' in the same column and sentence."
    E113 = (
        "The frame of the predicate at token {predicate} cannot be written as a column: '{second}' begins at token "
        "{token}, inside '{first}'. Expected the spans of one predicate not to overlap."
    )
    E114 = "{place}: expected exactly one 'V' in the predicate's column, found the roles: {found}."
    E115 = (
        "{place}: two predicates begin at token {token}, and neither has a further part at its own row. "
        "Expected each predicate to begin at a token of its own."
    )
    E116 = "Expected files {expected} in {path}, found none. Check the path, or download the corpus."
    E117 = "{place}: expected a sentence id that begins with a genre ({expected}), found '{found}'."
    E118 = "{path}: expected sentences in CoNLL-U, found none. Check that the file is whole."
    E120 = (
        "There is no corpus at {path}. Expected a .spacy file or a folder with such files. "
        "Check the path in the config or on the command line (--paths.train, --paths.dev)."
    )
    E121 = "Expected a .spacy file or a folder with such files, found none: {path}. Convert the corpus first."
    E122 = "{path} cannot be read as a DocBin: {error}. Expected a file written by DocBin.to_disk; convert it again."
    E123 = "The corpus {path} holds no Doc with tokens. Expected at least one."
    E124 = "A corpus reader got {name} = {found}. Expected {expected}."
    E125 = (
        "{place}: {problem}. The columns: {columns}. Say which has the text and which the categories with text_column "
        "and label_columns (--text-column, --label-columns), as names or indices from 0, and with header "
        "(--header, --no-header) whether the first row names the columns."
    )
    E126 = "{place}: expected {expected}, found {found}. {advice}"
    E127 = "{place}: expected {expected}, found {found}. {advice}"
    E130 = (
        "{path}, line {line}: expected text compressed by gzip, found data that cannot be unpacked from here on "
        "({problem}). Fetch or write the file again."
    )
    E131 = (
        "{place}: expected '# doc ID', '# layers ...', 'label | sentence', '| sentence', '  | sentence with a "
        "bracketed frame' or a blank line, found '{found}'."
    )
    E132 = (
        "{place}: expected brackets such as '[PER Ana Ruiz]', each closed and none inside another, "
        "found one that is not in '{found}'."
    )
    E133 = (
        "{place}: expected the sentence of line {sentence_line} again, with brackets of its own; without them it "
        "differs from '{found}' on. Copy the sentence; only the brackets may change."
    )
    E134 = (
        "{place}: expected exactly one predicate in a frame, a bracket with the roleset on one token such as "
        "'[give.01 gave]', found {found}. Mark the predicate's further words with '[C-V ...]', and write each "
        "predicate in one frame line."
    )
    E135 = (
        "{place}: expected as label one of {expected}, as on other lines, found '{found}'. Correct it, or name all "
        "labels of the corpus with `labels` (--labels)."
    )
    E136 = "{place}: expected {expected}, found '{found}'."
    E137 = "{place}: the id '{found}' is already that of line {first}. Expected ids that differ."
    E138 = (
        "{place}: the span '{text}' ({label}, characters {start}-{end}) {problem}. Expected spans on the borders of "
        "tokens that do not overlap. The tokens there: {tokens}"
    )
    E139 = "The Doc '{doc} ...' cannot be written as markup: {problem}. Expected {expected}."
    E140 = "{place}: expected {expected}, found {found}. Write one JSON object a line."
    E141 = "{place}: expected '{field}' to be {expected}, found {found}."
    E142 = (
        "{place}: the label '{found}' is not among {expected}. Correct it, or name all labels with `labels` "
        "(--labels) and, where they are renamed, with `label_names` (--label-names)."
    )
    E143 = "{place}: expected as value of the label '{label}' a number from 0 to 1, found '{found}'."
    E144 = "{place}: the table cannot be read: {problem}. Expected {expected}."
    E145 = (
        "{place}: expected {expected} as in {other}, found {found}. Both files go together row by row; take them from "
        "one release."
    )
    E146 = "{place}: the file has no words of its own: {found}. {advice}"
    E147 = "{place}: expected {expected}, found '{found}'."
    E148 = "{path}: expected annotated text in the format '{format}', found none. Check the file and the format."
    E149 = "{path} cannot be converted: {problem}. Expected {expected}."
    E150 = (
        "'{found}' names no corpus. Expected the path of a .spacy file or folder, or a name for it as well: name=path."
    )
    E151 = (
        "Two corpora have the name '{name}': {other} and {path}. Expected names that differ; give them as name=path, "
        "and each corpus once."
    )
    E152 = (
        "The page cannot be written to {path}: {error}. Expected the name of a file in a folder that can be written to."
    )
    E157 = (
        "The sampler's {setting} name {unknown}, but no source has that name. Expected names among {names}. Correct "
        "the sampler's block."
    )
    E158 = "The sampler's setting {setting} is {found}. Expected {expected}. Change it in the sampler's block."
    E159 = (
        "The source '{source}' names the tasks {unknown}, but the pipeline has no such components. Expected names "
        "among {names}. Correct `tasks` in [corpora.<corpus>.sources.{source}]."
    )
    E160 = (
        "The source {path} has no tasks. Expected the names of the components that learn from it, or null for all of "
        "its annotation. Set `tasks` in its block."
    )
    E161 = (
        "The source '{source}' ({path}) annotates none of its tasks, {tasks}: of its {size} texts none has annotation "
        "for any of them. Look at it with `spacy mtl inspect`, and correct `tasks` or `path` in its block."
    )
    E162 = (
        "The sources of a spacy-mtl.MultiTaskCorpus.v1 are wrong: found {found}. Expected one or more blocks "
        '[corpora.<corpus>.sources.<name>] with @readers = "spacy-mtl.Source.v1".'
    )
    E163 = (
        "The source '{source}' ({path}) gave texts in its first pass and none in a later one. Expected it to stay as "
        "it is during training."
    )

    E164 = (
        "{path}, line {line}: expected text in UTF-8, found a NUL character, as binary files and text in UTF-16 have. "
        "Check that the file is the right one, and convert it to UTF-8."
    )
    E165 = (
        "{path}, line {line}: expected lines that end with a line feed, with or without a carriage return before it, "
        "found a carriage return alone, which may or may not end a line. Convert the line ends: tr '\\r' '\\n' < FILE."
    )
    E166 = "{place}: expected a word in every row, found an empty cell: {found}. Fill it in, or leave the row out."
    E167 = "{place}: spaCy cannot hold this sentence: {error}. Correct it, or leave bad sentences out (--skip-bad)."
    E168 = (
        "{place}: expected tags that mark the ends of spans (BILUO, IOBES): after 'B-' come 'I-' and, at the end, 'L-' "
        "or 'E-' of the same label; a span of one token is 'U-' or 'S-'. Found '{found}' after '{before}'. Correct "
        "the tags, or repair them while they are read (--repair)."
    )
    E169 = "{place}: expected a range of words that {expected}, found '{found}'."
    E170 = "{place}: expected features such as 'Number=Sing|Person=3', each with one '=', found '{found}'."
    E181 = "A part of a corpus cannot be held out: expected a share above 0 and below 1, such as 10%, found {found}."
    E182 = (
        "A part of the corpus cannot be held out: expected two documents or more with texts that differ, found {docs} "
        "Docs in {documents} documents. Choose another share or seed, or convert the parts one by one."
    )
    E183 = (
        "{path}, after {n} Docs: the format's reader failed with {error}. Expected text in the format '{format}'. "
        "Check the file there."
    )
    E190 = (
        "Doc {number} of {path} ('{text} ...') has the category {label} with the value {found}. Expected a string as "
        "label and a number from 0 to 1 as value. Mend doc.cats; leave out a label whose value is unknown."
    )
    E191 = (
        "Doc {number} of {corpus} ('{text} ...') {problem}. To join corpora by id, expected in doc.user_data a "
        "'sent_id' or a 'doc_id' that no other Doc of the corpus has. Join them by text."
    )
    E192 = "{path} cannot be written: {problem}. {advice}"
    E193 = "Corpora cannot be joined: expected for {setting} {expected}; found {found}."
    E194 = "Corpora cannot be joined: expected two or more with names that differ, found {found}."

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
    E401 = (
        "Invalid weight for a balancer: '{where}' is {weight}. Expected a finite number, 0.0 or more. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E402 = (
        "A balancer would keep every gradient from the encoder: the weights {weights} with default {default} come to "
        "zero for {names}. Expected at least one weight above zero. To train heads over a fixed encoder, put the "
        "encoder in [training] frozen_components and annotating_components."
    )
    E403 = (
        "A balancer has weights for {unknown}, but no component of that name listens to the encoder. "
        "Expected names among {names}. Correct the names in the block [components.<encoder>.balancer] of the config."
    )
    E404 = (
        "The component '{name}' reported a gradient for a batch that is closed. Expected every report before the "
        "batch is closed: by the last listener's report, the next update, finish_update, the prediction of other "
        "Docs, or serialization. Call the component's update, and its backprop once, right after the encoder's update."
    )
    E405 = (
        "The component '{name}' reported a gradient whose shapes are not those of the vectors it was given. "
        "Expected one array a Doc: {expected}. Found: {found}. Correct the backprop of the component's model."
    )
    E406 = (
        "The layer '{layer}' keeps its parameters in a {framework}. Expected layers of thinc and of torch: a balancer "
        'with level = "parameters" needs the gradients of all parameters of the encoder. Set level = "representation".'
    )
    E407 = (
        "spacy-mtl.MultiHashEmbed.v1: word_dropout = {found} with attrs = {attrs}. Expected a probability from 0 to "
        "below 1 and, unless it is 0, one of the attributes that name a word: {expected}."
    )
    E408 = (
        "{name} needs PyTorch, which is not installed. Install it with: pip install 'spacy-mtl[torch]'. "
        "Or choose an encoder that does without, such as spacy.MaxoutWindowEncoder.v2."
    )
    E409 = (
        "{name}: {setting} = {found}. Expected {expected}. Change it where the layer is configured, usually in the "
        "block [components.<encoder>.model.encode]."
    )
    E410 = (
        "{name}: the vectors it was given are {found} wide. Expected its own width, {expected}. "
        "Set the same width in the blocks [components.<encoder>.model.embed] and [components.<encoder>.model.encode]."
    )
    E411 = (
        "{name} needs spacy-transformers, which is not installed. Install it with: "
        "pip install 'spacy-mtl[transformers]'. Or choose an encoder that is trained from scratch."
    )
    E412 = (
        "The model '{name}' holds no transformer. Expected a layer of spacy-transformers in the block "
        "[components.<encoder>.model.transformer], such as spacy-transformers.Tok2VecTransformer.v3."
    )
    E413 = (
        "mixed_precision = true, but the transformer lies on the CPU. Train with --gpu-id 0 on a machine with a GPU "
        "that PyTorch can use, or set mixed_precision = false."
    )
    E414 = (
        "The pretrained model '{name}' cannot be loaded: {reason} Expected the name of a model on the hub, or a folder "
        "with config.json, the weights and the tokenizer's files. Check the path; where there is no network, name a "
        "folder and set HF_HUB_OFFLINE=1."
    )
    E415 = (
        "The tokenizer of '{name}' cannot be aligned with the pipeline's tokens: {found} of {total} have no wordpiece, "
        "such as {examples}. Choose a model for this language, or one with a fast tokenizer (tokenizer_config = "
        '{{"use_fast": true}}).'
    )
    E416 = (
        "The loss or the gradient of the component '{name}' was not finite in {batches} batches in a row, and "
        "{learner} learned nothing from it. Expected finite numbers. Lower the learning rate or warm it up, and check "
        "the component's training data and the vectors that it is given; the warnings W403 tell since when."
    )
    E420 = (
        "The balancer {balancer} needs {missing}, which is not installed, or not in a version that fits. "
        "Install it with: pip install 'spacy-mtl[{extra}]'. Or choose a balancer that does without, such as "
        "spacy-mtl.GradNorm.v1."
    )
    E421 = (
        "The balancer {balancer}: {setting} = {found}. Expected {expected}. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E422 = (
        "The balancer {balancer}: level = '{level}'. Expected one of {expected}. "
        "Change it in the block [components.<encoder>.balancer] of the config."
    )
    E423 = (
        "The balancer {balancer} cannot go on from this state: expected the keys {expected}, found {found}. It was "
        "saved by another balancer: name that one in the block [components.<encoder>.balancer] of the config, or start "
        "from a pipeline that has not been trained."
    )
    E424 = (
        "The balancer {balancer} weighs tasks against each other: expected at least two components that listen to the "
        "encoder, found {names}. For one task choose the balancer spacy-mtl.Sum.v1."
    )
    E425 = (
        "The component '{name}' has an encoder with include_static_vectors = true, but the vocabulary has no vectors. "
        "Expected a table of vectors: name a pipeline that has one, or what `spacy init vectors` wrote, as "
        "[initialize] vectors in the config; or set include_static_vectors = false."
    )
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
    E601 = "The kind of progress bar is unknown: expected null or one of {expected}, found '{found}'."
    E602 = (
        "The score '{name}' cannot be logged: expected a number, found {found}. "
        "Set it to null under [training.score_weights]."
    )
    E607 = (
        "The setting `balance` of a logger names the columns {found}. Expected any of {expected}, or an empty list. "
        "Change it in [training.logger]."
    )
    E604 = "The folder {path} exists already. Name one that does not, or remove it: nothing is overwritten."
    E603 = (
        "The pipeline '{path}' cannot be loaded: expected a folder with a config.cfg and a meta.json, such as "
        "model-best of `spacy train`, or the name of an installed package; found {found}."
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
    E642 = "{path} is there already. Choose another file, or write over it with --force."
    E643 = "{path} is there already. Expected a folder that does not exist, or an empty one."
    E645 = (
        "The language '{found}' is not known. Expected the code of a language that spaCy has, such as en or pt, or xx "
        "for several."
    )
    E644 = (
        "The project's files (configs, scripts, starter corpus) are neither in {package} nor beside it. Install the "
        "package from its wheel, or work in a checkout."
    )
    E613 = "Text {number} is left out: expected {expected}. The other texts are shown."
    E701 = (
        "The folder {folder} holds a training of another config, budget or version of the packages, of other data or "
        "by other code. Name another output folder, or remove this one to train again."
    )
    E702 = (
        "Trainings cannot be started: expected 1 or more jobs and names that differ, found jobs = {jobs} and the names "
        "{names}."
    )
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
    E726 = (
        "The folder {folder} is in use by another training, process {process}: expected none. Wait until it has ended, "
        "or end it, and start again."
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
    E770 = (
        "The pipeline has no head to settle: expected trainable components that listen to an encoder of the pipeline "
        "and are not in the config's frozen_components, found {found}. Settle a pipeline with a shared encoder."
    )
    E771 = (
        "--tasks names {found}: expected heads that listen to an encoder of the pipeline and are not frozen in the "
        "config, which are {expected}. Correct the names."
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


class Warnings(metaclass=_MessagesWithCodes):
    """Messages of warnings, numbered as the errors are."""

    W001 = (
        "A slice of the Doc (tokens {start}-{end}) cuts through the frame of '{predicate}': {dropped} of its "
        "arguments lie outside and are dropped."
    )
    W012 = (
        "{count} entries of the user data of {docs} joined Docs are left out, because the Docs differ in them: "
        "{names}. A joined Doc has one value for each name: set those that it needs on doc.user_data or doc._."
    )
    W101 = (
        "{n} Docs of {path} have more than {length} tokens and are left out. Set max_length = 0 to keep them whole, or "
        "split = 'sentences' to keep them in parts."
    )
    W110 = (
        "{place}: a cell is in quotes, and nothing tells whether they belong to it: they are kept. Say so with "
        "quotes = false (--no-quotes), or have them taken off with quotes = true (--quotes)."
    )
    W102 = (
        "In {count} sentences the raw text ('# text') is not what the tokens spell. The tokens are kept, with blanks "
        "where the columns have them. The first: {first}"
    )
    W103 = (
        "{count} times the text writes several of the file's words as one token that the tokenizer does not split into "
        "them: {first}. A pipeline trained on them scores lower on text as people write it. Convert with --surface to "
        "have the tokens of the text, with the annotation moved onto them."
    )
    W104 = (
        "{count} entities, predicates or arguments have no token of their own in the text and are left out: they share "
        "one with another. The first: {first}"
    )
    W105 = (
        "{count} sentences are not in the treebank (--words), which has no sentence of the same words. What is known "
        "of their text is what their own file says. The first: {first}"
    )
    W111 = "Parts of the corpus are left out:\n{parts}"
    W112 = (
        "{path} has no {layer} in any of its {n} sentences, and yet they count as annotated, as having none. If they "
        "are not, say what is with a line above the first: '# layers' and some of categories, entities, frames."
    )
    W171 = (
        "{place}: the cell '{found}' counts as one label, and other rows have a part of it alone. If it is several "
        "labels, say what is between them with separator (--separator)."
    )
    W172 = (
        "{count} words have no universal part of speech, and stay without one: {first}. Expected in UPOS one of those "
        "of Universal Dependencies, such as NOUN, or '_'."
    )
    W173 = (
        "In {count} sentences the heads are no tree: words depend on each other in a circle. They are left without a "
        "parse. The first: {first}"
    )
    W174 = (
        "{count} objects have annotation of a kind that is not read, in the field {first}, and what else there is has "
        "been read. Frames are read from the formats that have them, such as markup."
    )
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
    W301 = (
        "The component '{name}' learns nothing from these examples: none of the {found} is annotated for it, with one "
        "of its labels ({labels}). Check the annotation of the training corpus, and the `tasks` of its sources."
    )
    W401 = (
        "The component '{name}' listens to '{encoder}' but has reported no gradient for {batches} batches in a row. "
        "Expected if it is frozen or disabled. Otherwise check that the training corpus annotates its task."
    )
    W402 = (
        "The component '{name}' listens to '{upstream}', but no component of the pipeline has that name: it would be "
        "given zeros. Expected the upstream of its listener to be '{encoder}', or '*' for any encoder. "
        "Change [components.{name}.model.tok2vec] in the config."
    )
    W403 = (
        "The loss or the gradient of the component '{name}' is not finite, or beyond 1e15: {learner} learns "
        "nothing from it in this batch. Lower the learning rate if it happens again."
    )
    W420 = (
        "The component '{name}' reports no loss, which the balancer {balancer} weighs tasks by: its gradient has the "
        "weight 1. Choose a balancer that needs no losses if its weight should be learned."
    )
    W421 = (
        "The balancer {balancer} found no weights for a batch ({reason}): the mean of the gradients is used. "
        "It is said once, and may happen again."
    )
    W422 = (
        "No component listens to the encoder '{name}': it learns nothing, and no prediction depends on it. Expected "
        "heads behind it in the pipeline whose model.tok2vec is a listener, such as spacy.Tok2VecListener.v1 with "
        "upstream = '{name}'; found {found}. Heads of spacy-mtl whose config does not set model.tok2vec listen by "
        "themselves."
    )
    W423 = (
        "A batch is dropped: the encoder '{name}' learns nothing from it, because {missing} reported no gradient: "
        "{reason}. Dropped is what was reported by {dropped}. Expected a batch to be complete before the pipeline "
        "predicts or is saved: update it with nlp.update."
    )
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
