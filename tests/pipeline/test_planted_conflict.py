"""Two tasks that one narrow encoder cannot serve both, by proof, and ways to share that can.

Every word has a tag (noun or verb) and a part of speech (colour or sound), each of two values, in all four
combinations. The encoder gives each word a number, and a linear head over a number is a threshold. If one threshold
parts the tags, the nouns lie to one side of both verbs; a threshold for the other task would have to leave one noun and
one verb to each of its sides, which is impossible: it is wrong for one of the four words at least.
"""

import pytest
import spacy
from spacy.ml.featureextractor import FeatureExtractor
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, registry
from thinc.api import Adam, HashEmbed, Linear, Model, chain, list2ragged, ragged2list, with_array

WORDS = {"crimson": ("N", "ADJ"), "thunder": ("N", "NOUN"), "redden": ("V", "ADJ"), "rumble": ("V", "NOUN")}
LISTENER = {"@architectures": "spacy-mtl.Tok2VecListener.v1", "upstream": "tok2vec"}
EMBED = {"@architectures": "test.OneNumberEmbed.v1"}


@registry.architectures("test.OneNumberEmbed.v1")
def build_one_number_embed() -> Model:
    table: Model = with_array(HashEmbed(nO=1, nV=50, column=0, dropout=0.0, seed=1))
    model = chain(FeatureExtractor(["NORM"]), list2ragged(), table, ragged2list())
    model.set_dim("nO", 1)
    return model


@registry.architectures("test.OneNumberLayer.v1")
def build_one_number_layer() -> Model:
    return with_array(Linear(nO=1, nI=1))


def gate(private=None):
    return {"@architectures": "spacy-mtl.ExpertGate.v1", "shared": LISTENER, "experts": 2, "private": private}


def column(place):
    return {"@architectures": "spacy-mtl.Column.v1", "shared": LISTENER, "column": place, "columns": 2}


EXPERTS = {"@architectures": "spacy-mtl.Experts.v1", "expert": EMBED, "experts": 2}
STITCHED = {"@architectures": "spacy-mtl.CrossStitch.v1", "embed": EMBED, "columns": 2, "depth": 1,
            "encode": {"@architectures": "test.OneNumberLayer.v1"}}  # fmt: skip
PRIVATE = {"@architectures": "spacy-mtl.PrivatePath.v1", "shared": LISTENER, "private": EMBED}
WAYS = {
    "hard": (EMBED, LISTENER, LISTENER),
    "private path": (EMBED, LISTENER, PRIVATE),
    "cross-stitch": (STITCHED, column(0), column(1)),
    "mmoe": (EXPERTS, gate(), gate()),
    "cgc": (EXPERTS, gate(), gate(EMBED)),
}


def learn(way, seed=0, steps=60):
    """The accuracy of both tasks on the four words, after training on them."""
    fix_random_seed(seed)
    model, *heard = WAYS[way]
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_tok2vec", name="tok2vec", config={"model": model})
    for name, block in zip(("tagger", "morphologizer"), heard):
        nlp.add_pipe(name, config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": block}})
    examples = []
    for word, (tag, pos) in WORDS.items():
        # tags have five times as many targets as parts of speech
        examples.append(Example(Doc(nlp.vocab, words=[word]), Doc(nlp.vocab, words=[word], tags=[tag], pos=[pos])))
        examples.append(Example(Doc(nlp.vocab, words=[word] * 4), Doc(nlp.vocab, words=[word] * 4, tags=[tag] * 4)))
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.1)
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer)
    docs = list(nlp.pipe(WORDS))
    return (
        sum(doc[0].tag_ == WORDS[doc.text][0] for doc in docs) / 4,
        sum(doc[0].pos_ == WORDS[doc.text][1] for doc in docs) / 4,
    )


def test_hard_sharing_fails():
    tags, parts = learn("hard")
    assert tags == 1 and parts <= 0.75


@pytest.mark.parametrize("way", [way for way in WAYS if way != "hard"])
def test_what_each_task_has_of_its_own_mends_it(way):
    assert learn(way) == (1, 1)
