import numpy
import pytest
from spacy.tokens import Doc
from spacy.training import Example

from spacy_mtl.analysis.changes import predictions
from spacy_mtl.analysis.changes.folders import find_encoder, find_other_seed, find_pipelines
from spacy_mtl.analysis.changes.predictions import Side, compare_predictions, pair_findings
from spacy_mtl.analysis.changes.probing import find_probed
from spacy_mtl.analysis.explanation.annotating import annotate
from spacy_mtl.analysis.explanation.tasks import Finding
from tests.analysis.explanation.pipelines import make_pipeline
from tests.pipeline.toy_pipeline import make_docs


def make_finding(label, start, end, kind="entity", predicate=None):
    return Finding("x", kind, label, start, end, predicate, 0.5)


def test_findings_are_put_beside_each_other():
    per, org = make_finding("PER", 0, 2), make_finding("ORG", 1, 3)
    alike, single = make_finding("LOC", 5, 6), make_finding("LOC", 8, 9)
    pairs = pair_findings({1: alike, 2: per}, {1: alike, 3: single, 4: org})
    assert pairs == [(per, org), (None, single)]
    first, second = (make_finding("ARG0", 0, 1, "argument", predicate) for predicate in (2, 4))
    assert pair_findings({1: first}, {2: second}) == [(first, None), (None, second)]


def test_the_texts_that_differ_are_found_and_explained():
    joint, alone = make_pipeline(), make_pipeline(steps=1)
    docs = make_docs(joint)[:3]
    examples = {i: Example(Doc(joint.vocab, words=[token.text for token in doc]), doc) for i, doc in enumerate(docs)}
    change = compare_predictions("ner", Side(joint, ["ner"]), Side(alone, ["ner"]), examples, 1)
    expected = []
    for i, doc in enumerate(docs):
        said = [
            {(span.label_, span.start, span.end) for span in nlp(Doc(nlp.vocab, words=[t.text for t in doc])).ents}
            for nlp in (joint, alone)
        ]
        expected += [i] if said[0] != said[1] else []
    assert change.differing_texts == expected and expected
    explained = [one for one in change.differences if one.joint_rests_on or one.alone_rests_on]
    assert list(dict.fromkeys(one.text for one in explained)) == expected[:1]
    for one in explained:
        for said, told in ((one.joint, one.joint_rests_on), (one.alone, one.alone_rests_on)):
            assert (said is None) == (told is None)
            assert told is None or told.label == said.finding.label
    gold = {(i, span.label_, span.start, span.end) for i, doc in enumerate(docs) for span in doc.ents}
    for one in change.differences:
        if one.joint is not None:
            found = one.joint.finding
            assert one.joint.is_right == ((one.text, found.label, found.start, found.end) in gold)
    same = compare_predictions("ner", Side(joint, ["ner"]), Side(joint, ["ner"]), examples, 2)
    assert same.differences == [] and same.alike > 0


def test_what_is_probed_by_hand():
    nlp = make_pipeline()
    docs = make_docs(nlp)[:2]
    vectors = numpy.arange(16.0)[:, None]
    roles = find_probed("srl", nlp.get_pipe("srl"), docs)["srl: role"]
    # Ana likes Oslo: the name and the verb, the place and the verb; then It rains here
    assert roles.labels[:3] == ["ARG0", "ARG1", "ARGM-LOC"] and roles.texts == [0, 0, 0, 1, 1, 1]
    assert roles.read(vectors).tolist()[:4] == [[0.0, 1.0], [2.0, 1.0], [6.0, 5.0], [8.0, 9.0]]
    category = find_probed("sentiment", nlp.get_pipe("sentiment"), docs)["sentiment: category"]
    assert category.read(vectors).tolist() == [[3.5], [11.5]]
    entities = find_probed("ner", nlp.get_pipe("ner"), docs)["ner: entity"]
    assert entities.labels[:4] == ["PER", "none", "LOC", "none"]
    assert find_probed("ner", nlp.get_pipe("ner"), [Doc(nlp.vocab, words=["Ana"])]) == {}


def test_folders(tmp_path):
    for name in ("joint/seed-0", "joint/seed-3", "single/a/seed-0", "single/b/seed-3"):
        (tmp_path / name / "model-best").mkdir(parents=True)
        (tmp_path / name / "model-best" / "config.cfg").touch()
    found = find_pipelines(tmp_path, 0)
    assert list(found.single) == ["a"] and find_other_seed(found.joint).parts[-2:] == ("seed-3", "model-best")
    assert find_other_seed(found.single["a"]) is None
    with pytest.raises(OSError, match="MTL-E835.*seed-0, seed-3"):
        find_pipelines(tmp_path, 1)
    with pytest.raises(ValueError, match="MTL-E836.*'b'.*found a"):
        find_pipelines(tmp_path, 0, ["b"])


def test_heads_and_their_encoder(tmp_path):
    nlp = make_pipeline()
    assert find_encoder(nlp, ["srl", "sentiment"], tmp_path) is nlp.get_pipe("tok2vec").model
    with pytest.raises(ValueError, match="MTL-E838.*'other'"):
        find_encoder(nlp, ["other"], tmp_path)


def test_a_text_is_annotated_once_for_all_tasks(monkeypatch):
    nlp, seen = make_pipeline(), []
    monkeypatch.setattr(predictions, "annotate", lambda *given: seen.append(given[2]) or annotate(*given))
    doc = make_docs(nlp)[0]
    side = Side(nlp, ["ner", "tok2vec", "srl"])
    found = [side.find(task, 0, Example(nlp.make_doc(doc.text), doc)) for task in ("srl", "ner")]
    assert seen == [["ner", "srl"]] and all(found)
