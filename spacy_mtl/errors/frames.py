"""Messages 0xx: frames, translations and joined Docs."""


class FrameErrors:
    """Errors 0xx."""

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
        "and know nothing of frames. Use spacy_mtl.frames.join_docs and spacy_mtl.frames.slice_doc, and after a "
        "retokenization spacy_mtl.retokenization.renew_spans."
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
    E016 = (
        "A translation cannot be written: {what} is {found}. Expected {expected}: "
        "spacy_mtl.translations.set_translations(doc, {{'de': 'Guten Tag.'}})."
    )
    E017 = (
        "Span group '{key}' of the Doc '{doc} ...' holds no translations: found {found}. Expected texts by language in "
        "its attrs, as spacy_mtl.translations.set_translations writes them. Give other spans another key."
    )
    E020 = "Unknown style '{style}'. Expected one of {expected}."


class FrameWarnings:
    """Warnings 0xx."""

    W001 = (
        "A slice of the Doc (tokens {start}-{end}) cuts through the frame of '{predicate}': {dropped} of its "
        "arguments lie outside and are dropped."
    )
    W012 = (
        "{count} entries of the user data of {docs} joined Docs are left out, because the Docs differ in them: "
        "{names}. A joined Doc has one value for each name: set those that it needs on doc.user_data or doc._."
    )
    W013 = (
        "Tokens were merged that belong to several predicates, or to several spans of one frame: expected a token for "
        "each predicate and each argument. Such a token keeps the first frame in the group '{key}', and stays the "
        "predicate's before an argument's; what has no token left is dropped. To keep all frames, put components that "
        "merge tokens before the one that writes frames."
    )
