import random
from math import exp

import pytest
from thinc.api import Adam

from .pairs import MODEL, make_examples, make_nlp, read  # isort: skip

import spacy
import torch
from spacy.tokens import Doc
from torch.nn.functional import cross_entropy

from spacy_mtl.analysis.explanation.explain import explain
from spacy_mtl.heads.translation.subwords import START
from spacy_mtl.pipeline.translate.model import TranslationInput
from spacy_mtl.pipeline.translate.spelling import pad_spellings, spell_docs

from ...heads.translation.tiny_decoder import step_through

SYLLABLES = ["ba", "do", "fi", "ku", "le", "mo", "ni", "ra", "su", "te"]
SENTENCES = {"call {}": "{} anrufen", "where is {} ?": "Wo ist {} ?"}


def invent(count, seed):
    """Sentences about people with invented names, and their translations."""
    rng = random.Random(seed)
    pairs = {}
    for _ in range(count):
        name = "".join(rng.sample(SYLLABLES, k=3)).title()
        source, target = rng.choice(list(SENTENCES.items()))
        pairs[source.format(name)] = target.format(name)
    return pairs


def learn_names(copy):
    nlp = make_nlp(initialized=False, model={**MODEL, "width": 32, "copy": copy}, subwords=50, beam=2)
    examples = make_examples(nlp, invent(200, seed=0))
    nlp.initialize(lambda: examples)
    optimizer, rng = Adam(0.01, grad_clip=1.0), random.Random(0)
    for _ in range(70):
        nlp.update(rng.sample(examples, 24), sgd=optimizer)
    return nlp


@pytest.fixture(scope="module")
def trained():
    return learn_names(copy=True)


def test_names_that_training_lacks_are_copied(trained):
    seen, new = invent(200, seed=0), invent(40, seed=1)
    new = {text: translation for text, translation in new.items() if text not in seen}
    found = read(trained, list(new))
    # with as many updates a decoder that does not copy gets none of them right
    assert sum(one == other for one, other in zip(found, new.values())) > len(new) / 3
    copy = spacy.blank("en").from_config(trained.config).from_bytes(trained.to_bytes())
    assert read(copy, list(new), batch_size=1) == found


def test_a_copied_name_is_explained_by_the_name(trained):
    pipe, doc = trained.get_pipe("translate"), trained.make_doc("call Fidole")
    decoder = pipe.model.get_ref("decoder")
    module = decoder.shims[0]._model.eval()
    whole, name, verb = explain(trained, "call Fidole", "translate", "Fidole anrufen")
    (subwords,) = pipe.subwords.encode(["Fidole anrufen"])
    tokens = torch.tensor(pipe.model.get_ref("tok2vec").predict([doc])[0])
    memory = module.remember(tokens, [2], pad_spellings(spell_docs(decoder, [doc]), "cpu"))
    scores = step_through(module, memory, subwords)
    found = cross_entropy(scores, torch.tensor(subwords[1:]), reduction="sum").item()
    assert whole.probability == pytest.approx(exp(-found), rel=1e-3)
    assert (name.label, verb.label) == ("Fidole", "anrufen") and name.parts[1] > max(name.parts[0], 3)


def test_words_in_subwords(trained):
    decoder = trained.get_pipe("translate").model.get_ref("decoder")
    subwords = trained.get_pipe("translate").subwords
    words, spaces = ["Wo", "Bado", "?", "Собака", "leni"], [True, False, True, True, False]
    (spelling,) = spell_docs(decoder, [Doc(trained.vocab, words=words, spaces=spaces)])
    # what cannot be written is not spelled
    assert {token for _, _, token in spelling} == {0, 1, 2, 4}
    assert subwords.decode([[subword for subword, _, _ in spelling]]) == ["Wo Bado? leni"]
    places = [token for _, _, token in spelling]
    for i, (_, before, token) in enumerate(spelling):
        assert before == (START if i == places.index(token) else spelling[i - 1][0])
    assert spell_docs(decoder, [Doc(trained.vocab)]) == [[]]
    plain = make_nlp().get_pipe("translate").model.get_ref("decoder")
    assert spell_docs(plain, [trained.make_doc("Wo")]) == [[]]


def test_texts_without_anything_to_copy(trained):
    # no subword writes these letters
    assert isinstance(trained("собака кошка")._.translation, str)
    translate = trained.get_pipe("translate")
    targets = translate.subwords.encode(["Wo ist Bado ?"])
    losses, backprop = translate.model.begin_update(TranslationInput([trained.make_doc("собака кошка")], targets))
    backprop(losses)
    assert losses[0] > 0
    translate.finish_update(lambda key, weights, gradient: (weights, gradient * 0))
