"""Log-odds of spans against the sum over all taggings, one by one."""

from itertools import product

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_mtl.analysis.explanation.entities import Entities
from spacy_mtl.analysis.explanation.roles import Roles
from spacy_mtl.analysis.explanation.tasks import ARGUMENT, ENTITY, Finding
from spacy_mtl.heads.ner.tagging_scheme import read_entities
from tests.pipeline.toy_pipeline import make_examples

WORDS = ["Ana", "saw", " ", "Oslo", "burn"]


def log_odds(weights, chosen):
    return numpy.log(sum(weights[chosen])) - numpy.log(sum(weights[~chosen]))


@pytest.mark.parametrize("scheme", ["biluo", "bio"])
def test_entities(scheme):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_ner", config={"scheme": scheme, "labels": ["A", "B"]})
    doc = Doc(nlp.vocab, words=WORDS, ents=["B-A", "O", "O", "B-B", "O"])
    nlp.initialize(lambda: [Example(doc, doc)])
    chance = numpy.random.default_rng(0)
    for name in ("transitions", "start", "end"):
        node = pipe.model.get_ref("transitions")
        node.set_param(name, chance.normal(size=node.get_param(name).shape).astype("f"))
    pipe.cfg["temperatures"] = {"entities": 1.5}
    doc = Doc(nlp.vocab, words=WORDS)
    task = Entities("mtl_ner", pipe, doc)
    scores, _ = task.score([doc])
    raw, legal = scores.solid, task.tags.legal
    taggings, weights, entities = [], [], []
    for tags in product(range(len(task.tags.tags)), repeat=4):
        pairs = list(zip(tags, tags[1:]))
        if legal.start[tags[0]] and legal.end[tags[-1]] and all(legal.transitions[pair] for pair in pairs):
            total = raw.start[tags[0]] + raw.end[tags[-1]] + sum(raw.transitions[pair] for pair in pairs)
            weights.append(numpy.exp(numpy.float64(total + raw.emissions[numpy.arange(4), tags].sum())))
            taggings.append(tags)
            entities.append({tuple(entity[:3]) for entity in read_entities(task.tags, numpy.array(tags))})
    weights = numpy.array(weights)
    # the second ends before a token and crosses the white space, which is none of the four
    for start, end, span in ((0, 1, (0, 1)), (1, 4, (1, 3)), (3, 5, (2, 4))):
        finding = Finding("mtl_ner", ENTITY, "A", start, end, None, 0.5)
        this = numpy.array([("A", *span) in found for found in entities])
        other = numpy.array([("B", *span) in found for found in entities])
        assert task.measure(finding, scores, 1, None).values[0] == pytest.approx(log_odds(weights, this), abs=1e-5)
        expected = numpy.log(weights[this].sum() / weights[other].sum())
        assert task.measure(finding, scores, 1, "B").values[0] == pytest.approx(expected, abs=1e-5)


def test_arguments():
    fix_random_seed(0)
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl", config={"unique_roles": [], "model": {"predicate_width": 8}})
    nlp.initialize(lambda: make_examples(nlp))
    scorer = pipe.model.get_ref("arguments")
    scorer.set_param(
        "output_W", numpy.random.default_rng(0).normal(size=scorer.get_param("output_W").shape).astype("f")
    )
    pipe.cfg["temperatures"] = {"arguments": 2.0}
    doc = Doc(nlp.vocab, words=["Ana", "saw", "old", "Oslo"])
    task = Roles("mtl_srl", pipe, doc)
    scores, _ = task.score([doc])
    roles = list(pipe.predictor.scheme.roles)
    first, second = [role for role in roles if role != "V"][:2]
    finding = Finding("mtl_srl", ARGUMENT, first, 2, 4, 1, 0.5)
    task.spans[finding] = (2, 4)
    measured = task.measure(finding, scores, 1, None).values[0]
    against = task.measure(finding, scores, 1, second).values[0]
    found, count = scores.arguments[1].scores, len(roles)
    weights, tags_of = [], []
    for tags in product(range(2 * count + 1), repeat=4):
        previous = [-1, *tags[:-1]]
        # the tags of a role are 1 + role and 1 + count + role
        if all(tag <= count or before in (tag, tag - count) for tag, before in zip(tags, previous)):
            weights.append(numpy.exp(found[numpy.arange(4), tags].sum()))
            tags_of.append(tags)
    weights = numpy.array(weights)
    by_role = {}
    for role in (first, second):
        begin = 1 + roles.index(role)
        by_role[role] = numpy.array([tags[2:] == (begin, begin + count) for tags in tags_of])
    assert measured == pytest.approx(log_odds(weights, by_role[first]), abs=1e-5)
    expected = numpy.log(weights[by_role[first]].sum() / weights[by_role[second]].sum())
    assert against == pytest.approx(expected, abs=1e-5)
