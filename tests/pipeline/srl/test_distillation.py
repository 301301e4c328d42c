"""Role tags of a teacher and a student, against all taggings one by one."""

from itertools import product

import numpy
import pytest
from spacy.training import Example

from spacy_mtl.annotation import copy_tokens
from spacy_mtl.distillation.teachers import Teacher, annotate
from spacy_mtl.heads.srl.role_crf import ILLEGAL
from spacy_mtl.heads.srl.role_tags import constrain_predicates
from spacy_mtl.pipeline.distillation.settings import Distillation
from spacy_mtl.pipeline.srl.distillation import _find_tags, _place

from ..toy_pipeline import build


def read(nlp, examples):
    """The roles' scores of a labeller, and what it has collected."""
    docs = [example.predicted for example in examples]
    nlp.get_pipe("tok2vec").set_annotations(docs, nlp.get_pipe("tok2vec").predict(docs))
    pipe = nlp.get_pipe("srl")
    pipe.distillation = Distillation()
    scores, _ = pipe.begin_update(examples)
    return pipe, scores.arguments, pipe._gold


def enumerate_taggings(scores):
    """The log probability of every legal tagging."""
    roles = (scores.shape[1] - 1) // 2
    found = {}
    for tags in product(range(scores.shape[1]), repeat=len(scores)):
        before = (0, *tags[:-1])
        if all(tag <= roles or other in (tag, tag - roles) for other, tag in zip(before, tags)):
            score = sum(float(scores[i, tag]) for i, tag in enumerate(tags))
            if score > ILLEGAL / 2:
                found[tags] = score
    log_z = numpy.logaddexp.reduce(list(found.values()))
    return {tags: score - log_z for tags, score in found.items()}


def test_cross_entropy_over_all_taggings(monkeypatch):
    monkeypatch.setattr("spacy_mtl.heads.crf.soft_targets.SMALLEST", 0)
    teacher, student = build(steps=6), build(steps=2)
    doc = teacher.make_doc("Ana likes Rome")
    (example,) = [Example(copy_tokens(doc), copy_tokens(doc))]
    teacher.get_pipe("srl").cfg["threshold"] = 0.0
    annotate([Teacher("toy", teacher, {"srl": "srl"})], [example], temperature=1.0, top_k=100)
    of_teacher, their_scores, gold = read(teacher, [example])
    # every token is taken for a predicate
    assert len(gold.windows.order) == 3
    pipe, scores, gold = read(student, [example])
    (group,) = pipe.group_lessons([example], pipe.read_lessons([example]))
    scheme = pipe.predictor.scheme
    taught = _place(group.lessons, [0], gold.windows, _find_tags(group.labels, scheme.roles), scheme.size)
    loss, _ = pipe._get_role_loss(taught, scores, gold, group.labels)
    expected = 0.0
    role = pipe.predictor.predicate_role
    own, theirs = (constrain_predicates(part, gold.windows, role) for part in (scores, their_scores))
    for rows in gold.windows.rows_of(range(3)):
        logs, their_logs = enumerate_taggings(own[rows]), enumerate_taggings(theirs[rows])
        expected -= sum(numpy.exp(their_log) * logs[tags] for tags, their_log in their_logs.items())
    assert loss == pytest.approx(expected, rel=1e-3)
