"""Configs of single tasks with and without the aids of the joint one."""

import pytest
from spacy.util import load_model_from_config
from thinc.api import Config

from spacy_mtl.analysis.trainings.aids import find_scaffold
from spacy_mtl.analysis.trainings.derived_configs import SUM, derive_config, derive_group, load_joint, seed_config

from ..joint_configs import AIDED, NER_AND_TOPIC, READ, SCAFFOLD, make_config, write_joint

LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "tok2vec"}
SOURCES = """
[corpora.mixed]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.mixed.sources]

[corpora.mixed.sources.names]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["ner","topic"]

[corpora.mixed.sources.tags]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["tagger"]
"""


def load(folder, heads=AIDED, more=SCAFFOLD, **settings):
    path, _, overrides = write_joint(folder, make_config(heads, more=more, **settings))
    return load_joint(path, overrides)


def derive(joint, number, **settings):
    return derive_config(joint, seed_config(joint.config, 0), [joint.tasks[number]], {"score": 1.0}, **settings)


def test_a_scaffold_is_no_task(tmp_path):
    joint = load(tmp_path)
    assert [task.name for task in joint.tasks] == [task.name for task in joint.shared_tasks] == ["ner", "topic"]
    with pytest.raises(ValueError, match="MTL-E711"):
        load(tmp_path, {name: AIDED[name] for name in ("ner", "tagger")})


def test_alone_is_a_plain_listener_without_the_scaffold(tmp_path):
    joint = load(tmp_path, weights='{"ner":2.0,"tagger":0.5}')
    alone = derive(joint, 0)
    assert list(alone["components"]) == alone["nlp"]["pipeline"] == ["tok2vec", "ner"]
    assert alone["components"]["ner"]["model"]["tok2vec"] == LISTENER
    assert alone["training"]["before_to_disk"] is None
    assert alone["components"]["tok2vec"]["balancer"] == SUM
    nlp = load_model_from_config(Config(alone), auto_fill=True)
    assert not nlp.get_pipe("ner").model.has_ref("private")
    plain = load(tmp_path, {**NER_AND_TOPIC, "tagger": AIDED["tagger"]})
    assert derive(plain, 0)["components"]["ner"] == alone["components"]["ner"]


def test_aids_can_stay(tmp_path):
    joint = load(tmp_path, weights='{"ner":2.0,"tagger":0.5,"topic":1.0}')
    aided = derive(joint, 0, keep_aids=True)
    assert list(aided["components"]) == ["tok2vec", "ner", "tagger"]
    assert aided["components"]["ner"] == seed_config(joint.config, 0)["components"]["ner"]
    assert find_scaffold(aided["training"]) == ["tagger"]
    assert aided["components"]["tok2vec"]["balancer"]["weights"] == {"ner": 2.0, "tagger": 0.5}
    load_model_from_config(Config(aided), auto_fill=True)


def test_a_scaffold_on_another_encoder_is_no_aid(tmp_path):
    heads = {**AIDED, "tagger": AIDED["tagger"].replace('"tok2vec"', '"second"')}
    joint = load(tmp_path, heads, encoders=("tok2vec", "second"))
    aided = derive(joint, 0, keep_aids=True)
    assert list(aided["components"]) == ["tok2vec", "ner"] and aided["training"]["before_to_disk"] is None
    assert aided["components"]["tok2vec"]["balancer"] == SUM


def test_sources_of_the_scaffold_go_or_stay_with_it(tmp_path):
    joint = load(tmp_path, more=SCAFFOLD + SOURCES)
    assert list(derive(joint, 0)["corpora"]["mixed"]["sources"]) == ["names"]
    aided = derive(joint, 0, keep_aids=True)["corpora"]["mixed"]["sources"]
    assert {name: block["tasks"] for name, block in aided.items()} == {"names": ["ner"], "tags": ["tagger"]}
    # what the joint training does without, the single one does without
    joint = load(tmp_path, more=SCAFFOLD + SOURCES.replace('tasks = ["tagger"]', 'tasks = ["topic"]'))
    assert list(derive(joint, 0, keep_aids=True)["corpora"]["mixed"]["sources"]) == ["names"]


def test_a_group_keeps_its_aids(tmp_path):
    joint = load(tmp_path)
    group = derive_group(joint, joint.config, joint.tasks)
    assert list(group["components"]) == ["tok2vec", "ner", "topic", "tagger"]
    assert find_scaffold(group.interpolate()["training"]) == ["tagger"]


def test_another_callback_stays(tmp_path):
    joint = load(tmp_path, more=SCAFFOLD)
    config = seed_config(joint.config, 0)
    config["training"]["before_to_disk"] = {"@callbacks": "other.v1"}
    alone = derive_config(joint, config, joint.tasks[:1], {"score": 1.0})
    assert alone["training"]["before_to_disk"] == {"@callbacks": "other.v1"}


def test_a_head_does_not_read_one_that_is_not_there(tmp_path):
    joint = load(tmp_path, READ, more="")
    for keep_aids in (True, False):
        alone = derive(joint, 1, keep_aids=keep_aids)
        assert alone["components"]["ner"]["model"]["tok2vec"] == LISTENER
    group = derive_group(joint, joint.config, joint.tasks)
    assert group["components"]["ner"]["model"]["tok2vec"]["source"] == "topic"
