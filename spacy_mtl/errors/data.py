"""Messages 1xx: corpora, formats and conversion."""


class DataErrors:
    """Errors 1xx."""

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
    E153 = (
        "{output} cannot be written: it would replace, or lie within, the input {input}. Expected an output apart from "
        "what is read. Name another file."
    )
    E154 = (
        "{place}: expected the number of votes for the label '{label}', 0 or more without decimals, found '{found}'. "
        "Leave votes out (--votes) for a table of shares from 0 to 1."
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
    E171 = (
        "{path}: expected {expected} lines, as many as {other} has, found {found}. Line n of the one is taken for the "
        "translation of line n of the other: find the line that is missing, or choose the right pair of files."
    )
    E172 = "{path}: its texts and their translations cannot be read: {problem}. Expected {expected}."
    E173 = (
        "{path}, line {line}: expected TMX, XML with the elements <tmx>, <tu>, <tuv> and <seg>; found: {found}. Export "
        "the translation memory again, or mend the file there."
    )
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
    E195 = (
        "There is nothing to exchange words for: expected {expected}, found {found}. Give --vectors a pipeline with "
        "static vectors, or a corpus with tags, which `spacy mtl silver --layers tags` adds."
    )
    E196 = "--{name} is {found}. Expected {expected}."


class DataWarnings:
    """Warnings 1xx."""

    W101 = (
        "{n} Docs of {path} have more than {length} tokens and are left out. Set max_length = 0 to keep them whole, or "
        "split = 'sentences' to keep them in parts."
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
    W110 = (
        "{place}: a cell is in quotes, and nothing tells whether they belong to it: they are kept. Say so with "
        "quotes = false (--no-quotes), or have them taken off with quotes = true (--quotes)."
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
        "In {count} sentences the heads are no tree: words depend on each other in a circle, or several are roots. "
        "They are left without a parse. The first: {first}"
    )
    W174 = (
        "{count} objects have annotation of a kind that is not read, in the field {first}, and what else there is has "
        "been read. Frames are read from the formats that have them, such as markup."
    )
