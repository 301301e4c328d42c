"""Configs for some of the tasks."""

import warnings

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_model_from_config, registry, resolve_dot_names
from thinc.api import Config

from spacy_mtl.analysis.metrics.tasks import Task, find_own_scores
from spacy_mtl.analysis.trainings.derived_configs import SUM, derive_config, derive_group, load_joint, seed_config

from ..joint_configs import NER, NER_AND_TOPIC, TAGGER, TEXTCAT, make_config, make_docs, make_head, write_joint

SOURCES = """
[corpora.mixed]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.mixed.sampler]
@misc = "spacy-mtl.WeightedSampler.v1"
weights = {"both":1.0,"names":2.0,"topics":3.0}

[corpora.mixed.sources]

[corpora.mixed.sources.both]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["topic","ner"]

[corpora.mixed.sources.names]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["ner"]

[corpora.mixed.sources.topics]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["topic"]
"""


def load(folder, text=None, **annotation):
    config, _, overrides = write_joint(folder, text, **annotation)
    return load_joint(config, overrides)


def derive(joint, names, score="score", seed=0):
    tasks = [task for task in joint.tasks if task.name in names.split("+")]
    return derive_config(joint, seed_config(joint.config, seed), tasks, {score: 1.0})


def test_what_goes_and_what_stays(tmp_path):
    heads = {**NER_AND_TOPIC, "sentencizer": '\n[components.sentencizer]\nfactory = "sentencizer"\n'}
    more = "\n[initialize]\n\n[initialize.components]\n\n[initialize.components.ner]\nlabels = null\n"
    more += "\n[initialize.components.topic]\nlabels = null\n"
    joint = load(tmp_path, make_config(heads, weights='{"ner":0.0}', more=more))
    assert joint.tasks == [Task("ner", "mtl_ner", ("tok2vec",), True), Task("topic", "mtl_textcat", ("tok2vec",), True)]
    joint.config["training"]["annotating_components"] = ["tok2vec", "ner", "topic"]
    before = seed_config(joint.config, 0)
    alone = derive(joint, "ner", "ents_f")
    assert alone["nlp"]["pipeline"] == list(alone["components"]) == ["tok2vec", "ner", "sentencizer"]
    assert alone["training"]["annotating_components"] == ["tok2vec", "ner"]
    assert list(alone["initialize"]["components"]) == ["ner"]
    # a weight of zero would keep the only task from the encoder
    assert alone["components"]["tok2vec"]["balancer"] == SUM
    for name in ("model", "factory"):
        assert alone["components"]["tok2vec"][name] == before["components"]["tok2vec"][name]
    assert alone["components"]["ner"] == before["components"]["ner"]
    assert alone["corpora"] == before["corpora"]
    changed = {name for name in before["training"] if alone["training"][name] != before["training"][name]}
    assert changed == {"annotating_components", "score_weights"}
    assert seed_config(joint.config, 0) == before, "the joint config stays as it is"
    loaded = load_model_from_config(Config(alone), auto_fill=True)
    assert loaded.pipe_names == ["tok2vec", "ner", "sentencizer"]


def test_the_task_alone_is_chosen_by_its_score(tmp_path):
    joint = load(tmp_path)
    joint.config["training"]["score_weights"].update({"topic_acc": 0.5, "topic_macro_f": 0.0, "ents_f": 0.5})
    alone = derive(joint, "topic", "topic_acc")
    weights = load_model_from_config(Config(alone), auto_fill=True).config["training"]["score_weights"]
    assert {name: weight for name, weight in weights.items() if weight} == {"topic_acc": 1.0}
    assert not any(name.startswith("ents") for name in weights)
    assert weights["topic_macro_f"] == 0.0, "what was logged is logged still"


def test_seeds_reach_what_refers_to_them(tmp_path):
    text = make_config(NER_AND_TOPIC).replace("size = 4", "size = 4\nget_length = null")
    joint = load(tmp_path, text + "\n[extra]\nseed = ${system.seed}\n")
    for seed in (0, 7):
        config = seed_config(joint.config, seed)
        assert config["system"]["seed"] == config["training"]["seed"] == config["extra"]["seed"] == seed
        assert derive(joint, "ner", seed=seed)["training"]["seed"] == seed
        assert config["training"]["logger"]["output_file"] is None
        assert "$" not in config.to_str()
    assert joint.config["training"]["logger"]["output_file"] == "lines.jsonl"


def test_sources_that_do_not_teach_the_task_go(tmp_path):
    joint = load(tmp_path, make_config(NER_AND_TOPIC, more=SOURCES).replace('corpora.train"', 'corpora.mixed"'))
    alone = derive(joint, "ner")
    mixed = alone["corpora"]["mixed"]
    assert {name: source["tasks"] for name, source in mixed["sources"].items()} == {"both": ["ner"], "names": ["ner"]}
    assert mixed["sampler"]["weights"] == {"both": 1.0, "names": 2.0}
    assert derive(joint, "topic")["corpora"]["mixed"]["sampler"]["weights"] == {"both": 1.0, "topics": 3.0}
    nlp = load_model_from_config(Config(alone), auto_fill=True)
    (read,) = resolve_dot_names(Config(alone), ["corpora.mixed"])
    examples = list(read(nlp))
    assert len(examples) == 12
    assert not any(example.reference.cats for example in examples), "masked, though the corpus has them"


def test_the_sampler_of_batches_forgets_them_too(tmp_path):
    batcher = """
[training.batcher]
@batchers = "spacy-mtl.batch_by_sampler.v1"

[training.batcher.sampler]
@misc = "spacy-mtl.SequentialSampler.v1"
order = ["topics","names"]

[training.batcher.batcher]
@batchers = "spacy.batch_by_sequence.v1"
size = 4
"""
    text = make_config(NER_AND_TOPIC, more=SOURCES)
    text = text.replace('\n[training.batcher]\n@batchers = "spacy.batch_by_sequence.v1"\nsize = 4\n', batcher)
    alone = derive(load(tmp_path, text), "ner")
    assert alone["training"]["batcher"]["sampler"]["order"] == ["names"]
    registry.resolve({"batcher": alone["training"]["batcher"]})["batcher"]


def test_a_source_without_tasks_stays(tmp_path):
    text = make_config(NER_AND_TOPIC, more=SOURCES.replace('tasks = ["topic"]', "tasks = null"))
    assert "topics" in derive(load(tmp_path, text), "ner")["corpora"]["mixed"]["sources"]


def test_a_task_without_a_source(tmp_path):
    more = SOURCES.replace('tasks = ["ner"]', 'tasks = ["topic"]').replace('["topic","ner"]', '["topic"]')
    joint = load(tmp_path, make_config(NER_AND_TOPIC, more=more))
    with pytest.raises(ValueError, match="MTL-E717.*'mixed'.*'ner'"):
        derive(joint, "ner")


def test_heads_share_an_encoder_or_do_not(tmp_path):
    heads = {
        "ner": make_head(NER, "ner"),
        "tagger": make_head(TAGGER, "tagger"),
        "apart": make_head(NER, "apart", upstream="second"),
        "own": make_head(NER, "own", upstream=None),
    }
    joint = load(tmp_path, make_config(heads, encoders=("tok2vec", "second")))
    assert [(task.name, task.encoders, task.is_shared) for task in joint.tasks] == [
        ("ner", ("tok2vec",), True),
        ("tagger", ("tok2vec",), True),
        ("apart", ("second",), False),
        ("own", (), False),
    ]
    assert [task.name for task in joint.shared_tasks] == ["ner", "tagger"]
    assert list(derive(joint, "apart")["components"]) == ["second", "apart"]
    assert list(derive(joint, "own")["components"]) == ["own"]


@pytest.mark.parametrize(
    "heads, frozen",
    [
        ({"ner": make_head(NER, "ner")}, ""),
        ({"ner": make_head(NER, "ner"), "own": make_head(NER, "own", upstream=None)}, ""),
        (NER_AND_TOPIC, '"topic"'),
        (NER_AND_TOPIC, '"tok2vec"'),
    ],
)
def test_nothing_to_compare(tmp_path, heads, frozen):
    text = make_config(heads).replace("patience = 0", f"patience = 0\nfrozen_components = [{frozen}]")
    with pytest.raises(ValueError, match="MTL-E711.*joint.cfg"):
        load(tmp_path, text)


def test_a_frozen_head_stays_if_it_annotates(tmp_path):
    heads = {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger")}
    text = make_config(heads).replace("patience = 0", 'patience = 0\nfrozen_components = ["tagger"]')
    joint = load(tmp_path, text)
    assert [task.name for task in joint.tasks] == ["ner", "topic"]
    assert list(derive(joint, "ner")["components"]) == ["tok2vec", "ner"]
    joint.config["training"]["annotating_components"] = ["tagger"]
    alone = derive(joint, "ner")
    assert list(alone["components"]) == ["tok2vec", "ner", "tagger"]
    assert alone["training"]["frozen_components"] == ["tagger"]


def test_labels_that_another_head_leaves(tmp_path):
    heads = {"one": make_head(TEXTCAT, "one", labels='["a","b"]'), "two": make_head(TEXTCAT, "two")}
    with pytest.raises(ValueError, match="MTL-E716.*'two'.*one"):
        load(tmp_path, make_config(heads))
    more = "\n[initialize]\n\n[initialize.components]\n\n[initialize.components.two]\nlabels = "
    assert len(load(tmp_path, make_config(heads, more=f'{more}["c","d"]\n')).tasks) == 2
    heads["two"] = make_head(TEXTCAT, "two", labels='["c","d"]')
    assert len(load(tmp_path, make_config(heads)).tasks) == 2


def test_own_scores(tmp_path):
    joint = load(tmp_path)
    ner, topic = joint.tasks
    names = ["ents_f", "ents_per_type", "cats_score", "topic_acc", "topic_sentence_acc", "srl_argument_f", "tag_acc"]
    assert find_own_scores(joint.nlp, ner, names) == ["ents_f", "ents_per_type"]
    assert find_own_scores(joint.nlp, topic, names) == ["cats_score", "topic_acc", "topic_sentence_acc"]


def test_a_component_from_elsewhere_stays_so(tmp_path):
    joint = load(tmp_path)
    trained = tmp_path / "trained"
    joint.nlp.to_disk(trained)
    heads = {**NER_AND_TOPIC, "tok2vec": f'\n[components.tok2vec]\nsource = "{trained}"\n'}
    text = make_config(heads, encoders=(), pipeline=["tok2vec", "ner", "topic"])
    alone = derive(load(tmp_path, text), "ner")
    assert alone["components"]["tok2vec"] == {"source": str(trained)}


def test_a_group_shares_what_all_shared(tmp_path):
    heads = {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger")}
    sources = SOURCES.replace('tasks = ["ner"]', 'tasks = ["ner","tagger"]')
    joint = load(tmp_path, make_config(heads, weights='{"ner":0.5,"tagger":2.0}', more=sources))
    joint.config["training"]["score_weights"].update({"topic_acc": 0.5, "tag_acc": 0.5, "ents_f": 0.0})
    group = derive(joint, "ner+topic", "ents_f")
    assert list(group["components"]) == ["tok2vec", "ner", "topic"]
    # a weight for a component that is gone would be an error
    assert group["components"]["tok2vec"]["balancer"] == {"@misc": "spacy-mtl.Weighted.v1", "weights": {"ner": 0.5}}
    kept = {name: source["tasks"] for name, source in group["corpora"]["mixed"]["sources"].items()}
    assert kept == {"both": ["topic", "ner"], "names": ["ner"], "topics": ["topic"]}
    loaded = load_model_from_config(Config(group), auto_fill=True)
    assert loaded.pipe_names == ["tok2vec", "ner", "topic"]
    weights = loaded.config["training"]["score_weights"]
    assert weights["ents_f"] == 1.0 and weights["topic_acc"] == 0.0 and not weights.get("tag_acc")


def test_scores_of_a_group_count_as_they_did(tmp_path):
    joint = load(tmp_path)
    joint.config["training"]["score_weights"].update({"topic_acc": 0.3, "ents_f": 0.7, "ents_p": 0.0})
    group = derive_group(joint, joint.config.interpolate(), joint.tasks[:1])
    weights = group["training"]["score_weights"]
    assert {name: weight for name, weight in weights.items() if weight} == {"ents_f": 0.7}
    assert weights["ents_p"] == 0.0, "what was logged is logged still"
    both = derive_group(joint, joint.config.interpolate(), joint.tasks)["training"]["score_weights"]
    assert (both["topic_acc"], both["ents_f"]) == (0.3, 0.7)


def test_each_task_of_a_group_needs_a_source(tmp_path):
    heads = {**NER_AND_TOPIC, "tagger": make_head(TAGGER, "tagger")}
    joint = load(tmp_path, make_config(heads, more=SOURCES))
    with pytest.raises(ValueError, match="MTL-E717.*'mixed'.*'tagger'"):
        derive(joint, "ner+tagger")


def test_a_recognizer_alone_knows_what_is_another_s(tmp_path):
    labelled = NER.replace('factory = "mtl_ner"', 'factory = "mtl_ner"\nlabels = {labels}')
    heads = {
        "people": make_head(labelled, "people", labels='["PER"]'),
        "places": make_head(labelled, "places", labels='["LOC"]'),
        "rest": make_head(labelled, "rest"),
    }
    joint = load(tmp_path, make_config(heads))
    outside = {name: derive(joint, name, f"{name}_f")["initialize"]["components"][name]["outside"] for name in heads}
    assert outside == {"people": ["LOC"], "places": ["PER"], "rest": ["LOC", "PER"]}
    assert "outside" not in derive(joint, "people+places", "people_f")["initialize"]["components"].get("people", {})


def test_a_recognizer_is_scored_alone_as_in_the_joint_pipeline(tmp_path):
    nlp = spacy.blank("en")
    (doc, *_) = make_docs()
    examples = [Example(Doc(nlp.vocab, words=[token.text for token in doc], ents=["B-PER", "O", "O", "O", "O"]), doc)]
    ner = nlp.add_pipe("mtl_ner", name="people", config={"labels": ["PER"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ner.initialize(lambda: examples, nlp=nlp, outside=["LOC"])
    assert ner.labels == ("PER",)
    assert ner.score(examples)["people_f"] == 1.0
