"""A pipeline of all three tasks on one encoder, and some sentences that it learns by heart."""

from io import StringIO

import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_loop
from spacy.util import fix_random_seed
from thinc.api import Adam

from spacy_mtl.frames import read_frame_spans, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

WIDTH = 16
EMBED = {"@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH, "attrs": ["NORM", "SHAPE"], "rows": [300, 100],
         "include_static_vectors": False}  # fmt: skip
CNN = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED,
       "encode": {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": WIDTH, "depth": 1, "window_size": 1,
                  "maxout_pieces": 2}}  # fmt: skip
TORCH_ENCODER = {"@architectures": "spacy-mtl.RNNEncoder.v1", "width": WIDTH, "depth": 1}
TORCH = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": TORCH_ENCODER}
NAMES = ("Ana", "Otto", "Mira", "Kim")
PLACES = ("Oslo", "Lima", "Rome")
VERBS = (("likes", 1.0), ("hates", 0.0), ("praises", 1.0), ("mocks", 0.0))


def listener(upstream="tok2vec"):
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": upstream}


def head_config(name, upstream="tok2vec"):
    """The settings of the head `name`, small and without dropout."""
    tok2vec = listener(upstream)
    return {
        "sentiment": {
            "labels": ["bad", "good"],
            "model": {"tok2vec": tok2vec, "dropout": None, "linear_model": None},
        },
        "ner": {"model": {"tok2vec": tok2vec}},
        "srl": {"model": {"tok2vec": tok2vec, "arguments": {"hidden_width": 16}, "predicate_width": 8}},
        "tagger": {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}},
    }[name]


FACTORIES = {"sentiment": "mtl_textcat", "ner": "mtl_ner", "srl": "mtl_srl", "tagger": "tagger"}
HEADS = ("sentiment", "ner", "srl")


def make_docs(nlp):
    """Sentences of a name, a verb and a place, two in each Doc, with the annotation of all tasks."""
    docs = []
    for i in range(12):
        name, place = NAMES[i % 4], PLACES[i % 3]
        verb, value = VERBS[(i + i // 4) % 4]
        words = [name, verb, place, ".", "It", "rains", "here", "."]
        doc = Doc(nlp.vocab, words=words, tags=["N", "V", "N", ".", "P", "V", "R", "."])
        doc.cats = {"good": value, "bad": 1.0 - value}
        doc.ents = [Span(doc, 0, 1, "PER"), Span(doc, 2, 3, "LOC")]
        roles = (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 3))
        second = FrameSpans(5, 6, "rain.01", (RoleSpan("ARGM-LOC", 6, 7),))
        set_frames(doc, [FrameSpans(1, 2, f"{verb[:-1]}.01", roles), second])
        docs.append(doc)
    return docs


def make_examples(nlp):
    return [Example(Doc(nlp.vocab, words=[token.text for token in doc]), doc) for doc in make_docs(nlp)]


def train(nlp, examples, steps=30, rate=0.01, **settings):
    """Update a pipeline as `spacy train` does."""
    optimizer = Adam(rate)
    for _ in range(steps):
        nlp.update(examples, sgd=False, **settings)
        for name, pipe in nlp.pipeline:
            if name not in settings.get("exclude", ()) and hasattr(pipe, "finish_update"):
                pipe.finish_update(optimizer)


def train_config(config, folder):
    """Train as `spacy train` does, and load what it leaves in a new folder."""
    folder.mkdir()
    train_loop(init_nlp(config), folder, stdout=StringIO())
    return spacy.load(folder / "model-last")


def build(model=CNN, heads=HEADS, encoder="mtl_tok2vec", balancer=None, steps=30, upstream="tok2vec", first=()):
    """A trained pipeline. Components in `first` come before all others."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    for factory in first:
        nlp.add_pipe(factory)
    config = {"model": model} if balancer is None else {"model": model, "balancer": balancer}
    nlp.add_pipe(encoder, name="tok2vec", config=config)
    for name in heads:
        nlp.add_pipe(FACTORIES[name], name=name, config=head_config(name, upstream))
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


def predictions(nlp, texts=None):
    """All that a pipeline says of the sentences, probabilities included, by task: to be compared bit for bit."""
    texts = texts or [doc.text for doc in make_docs(spacy.blank("en"))]
    found = {"sentiment": [], "ner": [], "srl": [], "tagger": []}
    for doc in nlp.pipe(texts):
        found["sentiment"].append(dict(doc.cats))
        found["ner"].append([(e.start, e.end, e.label_, e._.confidence) for e in doc.ents])
        found["srl"].append(read_frame_spans(doc) if "srl" in doc.spans else None)
        found["tagger"].append([token.tag_ for token in doc])
    return found
