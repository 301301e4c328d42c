import zlib
from random import Random

import spacy
import srsly
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.inspection import inspect_corpora
from spacy_mtl.frames import get_frames, set_frames
from spacy_mtl.types import FrameSpans, RoleSpan

from .fuzzing import fuzz, mutate

NLP = spacy.blank("xx")
VALUES = [None, True, 0, -1, 2**31, 2**63, 1.5, float("nan"), "", "V", b"", b"\xc1", [], {}, [[]], {"a": None}]


def make_bin():
    vocab = Vocab()
    doc_bin = DocBin(store_user_data=True)
    for number in range(3):
        words, tags, deps = ["Ana", "gave", "hope", "."], ["N", "V", "N", "."], ["nsubj", "ROOT", "obj", "punct"]
        doc = Doc(vocab, words=words, tags=tags, heads=[1, 1, 1, 1], deps=deps, pos=["PROPN", "VERB", "NOUN", "PUNCT"])
        doc.ents = [Span(doc, 0, 1, label="PER")]
        doc.cats = {"a": 1.0, "b": 0.0}
        set_frames(doc, [FrameSpans(1, 2, "give.01", (RoleSpan("ARG0", 0, 1, 0.5), RoleSpan("ARG1", 2, 3, 0.5)), 0.5)])
        doc.spans["other"] = [Span(doc, 0, 2, label="X")]
        doc.user_data["doc_id"] = number
        doc_bin.add(doc)
    return doc_bin.to_bytes()


def damage(value, random):
    """Another value in place of this one, or a change inside it."""
    if random.random() < 0.1:
        return random.choice(VALUES)
    if isinstance(value, bytes):
        try:
            inner = srsly.msgpack_loads(value)
        except Exception:
            inner = None
        if isinstance(inner, (dict, list)) and random.random() < 0.6:
            return srsly.msgpack_dumps(damage(inner, random))
        if value and random.random() < 0.5:
            i = random.randrange(len(value))
            return value[:i] + bytes([random.randrange(256)]) + value[i + 1 :]
        return mutate(value, random)
    if isinstance(value, (dict, list)) and value:
        value = value.copy()
        key = random.choice(list(value)) if isinstance(value, dict) else random.randrange(len(value))
        kind = random.random()
        if kind < 0.1:
            del value[key]
        elif kind < 0.2 and isinstance(value, list):
            value.insert(key, value[key])
        elif kind < 0.3 and isinstance(value, dict):
            changed = damage(key, random)
            value[changed if isinstance(changed, (str, bytes, int)) else "x"] = value.pop(key)
        else:
            value[key] = damage(value[key], random)
        return value
    if isinstance(value, str):
        return value + random.choice(["x", "", "\0"])
    if isinstance(value, int):
        return random.choice([(value + 1) % 2**63, -(value % 2**63), 2**40, 2**31 - 1])
    return random.choice(VALUES)


def fuzz_reader(folder, count, seed=0):
    good = make_bin()
    path = folder / "a.spacy"

    def read(_, data):
        if data[:1].isascii() and len(data) % 3:
            random = Random(data)
            content = srsly.msgpack_loads(zlib.decompress(good))
            for _ in range(random.choice([1, 1, 2, 3])):
                content = damage(content, random)
            data = zlib.compress(srsly.msgpack_dumps(content))
        path.write_bytes(data)
        inspect_corpora({"a": path})
        for example in make_corpus(path, gold_tokens=bool(len(data) % 2))(NLP):
            doc = example.reference
            for token in doc:
                assert token.text and f"{token.tag_}{token.pos_}{token.dep_}{token.lemma_}{token.morph}{token.head}"
            assert doc.to_bytes() and (not doc.has_annotation("SENT_START") or list(doc.sents))
            for key in doc.spans:
                assert all(span.label_ is not None and span.text for span in doc.spans[key])
            get_frames(doc)
            example.get_aligned_ner()

    return fuzz({"good": good}, read, count, seed)


def test_a_good_file_passes(tmp_path):
    path = tmp_path / "a.spacy"
    path.write_bytes(make_bin())
    assert len(list(make_corpus(path)(NLP))) == 3


def test_damaged_files_are_read_or_refused_with_a_code(tmp_path):
    assert fuzz_reader(tmp_path, 100) == []
