"""A tiny joint config, and corpora for it."""

import spacy
from spacy.tokens import Doc

from spacy_mtl.data.writing import write_docs
from spacy_mtl.translations import set_translations

TRAINING = """
[paths]
train = null
dev = null

[system]
seed = 5

[corpora]

[corpora.train]
@readers = "spacy-mtl.Corpus.v1"
path = ${paths.train}

[corpora.dev]
@readers = "spacy-mtl.Corpus.v1"
path = ${paths.dev}

[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
seed = ${system.seed}
max_steps = 4
eval_frequency = 2
patience = 0

[training.batcher]
@batchers = "spacy.batch_by_sequence.v1"
size = 4

[training.logger]
@loggers = "spacy-mtl.ConsoleLogger.v1"
output_file = "lines.jsonl"

[training.optimizer]
@optimizers = "Adam.v1"

[training.optimizer.learn_rate]
@schedules = "warmup_linear.v1"
warmup_steps = 1
total_steps = 4
initial_rate = 0.01
"""
ENCODER = """
[components.{name}]
factory = "mtl_tok2vec"

[components.{name}.balancer]
@misc = "spacy-mtl.Weighted.v1"
weights = {weights}

[components.{name}.model]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 16
depth = 1
embed_size = 200
window_size = 1
maxout_pieces = 2
subword_features = false
"""
LISTENER = """
[components.{name}.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 16
upstream = "{upstream}"
"""
PRIVATE = """
[components.{name}.model.tok2vec]
@architectures = "spacy-mtl.PrivatePath.v1"

[components.{name}.model.tok2vec.shared]
@architectures = "spacy.Tok2VecListener.v1"
width = 16
upstream = "tok2vec"

[components.{name}.model.tok2vec.private]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 4
depth = 1
embed_size = 200
window_size = 1
maxout_pieces = 2
subword_features = false
"""
READING = """
[components.{name}.model.tok2vec]
@architectures = "spacy-mtl.StackPropagation.v1"
source = "{source}"

[components.{name}.model.tok2vec.shared]
@architectures = "spacy.Tok2VecListener.v1"
width = 16
upstream = "tok2vec"
"""
SCAFFOLD = """
[training.before_to_disk]
@callbacks = "spacy-mtl.without_scaffold.v1"
components = ["tagger"]

[training.score_weights]
tag_acc = 0.0
"""
OWN_ENCODER = """
[components.{name}.model.tok2vec]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 16
depth = 1
embed_size = 200
window_size = 1
maxout_pieces = 2
subword_features = false
"""
NER = """
[components.{name}]
factory = "mtl_ner"

[components.{name}.model]
@architectures = "spacy-mtl.CRFTagger.v1"
"""
TEXTCAT = """
[components.{name}]
factory = "mtl_textcat"
labels = {labels}

[components.{name}.model]
@architectures = "spacy-mtl.TextCat.v1"
linear_model = null
"""
TAGGER = """
[components.{name}]
factory = "tagger"

[components.{name}.model]
@architectures = "spacy.Tagger.v2"
"""


TRANSLATE = """
[components.{name}]
factory = "mtl_translate"
subwords = 40
beam = 2

[components.{name}.model]
@architectures = "spacy-mtl.TransformerDecoder.v1"
width = 16
depth = 1
heads = 2
dropout = 0.0
"""


def make_head(block, name, upstream="tok2vec", labels="null"):
    """The blocks of a head that listens, or that has an encoder of its own."""
    encoder = LISTENER if upstream else OWN_ENCODER
    return block.format(name=name, labels=labels) + encoder.format(name=name, upstream=upstream)


def make_config(heads, *, encoders=("tok2vec",), weights="{}", more="", pipeline=None):
    """The text of a joint config.

    heads (Dict[str, str]): The blocks of each head.
    """
    names = pipeline or [*encoders, *heads]
    listed = ",".join(f'"{name}"' for name in names)
    blocks = "".join(ENCODER.format(name=name, weights=weights) for name in encoders) + "".join(heads.values())
    return f'[nlp]\nlang = "en"\npipeline = [{listed}]\n\n[components]\n{blocks}{TRAINING}{more}'


TRANSLATING = {"ner": make_head(NER, "ner"), "translate": make_head(TRANSLATE, "translate")}
NER_AND_TOPIC = {"ner": make_head(NER, "ner"), "topic": make_head(TEXTCAT, "topic")}
AIDED = {
    "ner": NER.format(name="ner") + PRIVATE.format(name="ner"),
    "topic": make_head(TEXTCAT, "topic"),
    "tagger": make_head(TAGGER, "tagger"),
}
"""Entities with a private path, topics without, and tags that are scaffold."""

READ = {
    "topic": make_head(TEXTCAT, "topic"),
    "ner": NER.format(name="ner") + READING.format(name="ner", source="topic"),
}
"""Topics, and entities that read them."""

SENTENCES = [
    (["Ana", "bakes", "bread", "in", "Oslo"], ["B-PER", "O", "O", "O", "B-LOC"], "food"),
    (["Tom", "kicks", "the", "ball"], ["B-PER", "O", "O", "O"], "sport"),
    (["Soup", "and", "bread"], ["O", "O", "O"], "food"),
    (["Oslo", "lost", "the", "ball"], ["B-LOC", "O", "O", "O"], "sport"),
    (["Ana", "runs", "to", "Oslo"], ["B-PER", "O", "O", "B-LOC"], "sport"),
    (["Tom", "eats", "soup"], ["B-PER", "O", "O"], "food"),
]


def make_docs(times=1, entities=True, categories=True):
    vocab = spacy.blank("en").vocab
    docs = []
    for words, tags, topic in SENTENCES * times:
        doc = Doc(vocab, words=words, ents=tags if entities else None, tags=["X"] * len(words))
        if categories:
            doc.cats = {name: float(name == topic) for name in ("food", "sport")}
        docs.append(doc)
    return docs


def translate_docs(docs):
    """Give texts a translation, word by word. RETURNS: the texts."""
    for doc in docs:
        set_translations(doc, {"de": " ".join(f"{token.text}en" for token in doc)})
    return docs


def write_joint(folder, text=None, name="joint.cfg", docs=None, **annotation):
    """Write a config and a corpus. RETURNS: the paths of both, and the overrides that join them."""
    corpus = folder / "corpus.spacy"
    write_docs(docs or make_docs(**annotation), corpus)
    config = folder / name
    config.write_text(text or make_config(NER_AND_TOPIC), encoding="utf8")
    return config, corpus, {"paths.train": str(corpus), "paths.dev": str(corpus)}
