"""Configs for some of the tasks, in which variables are variables still."""

from spacy.util import load_config, load_model_from_config

from spacy_mtl.analysis.trainings.derived_configs import (
    derive_config,
    derive_group,
    load_joint,
    seed_config,
    without_files,
)

from ..joint_configs import NER_AND_TOPIC, make_config, write_joint

VARIABLES = """
[shared]
names = ["ner","topic"]
file = "lines.jsonl"

[shared.weights]
names = 2.0
topics = 3.0
both = 1.0

[shared.sources]

[shared.sources.names]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["ner"]

[shared.sources.topics]
@readers = "spacy-mtl.Source.v1"
path = ${paths.train}
tasks = ["topic"]

[shared.logger]
@loggers = "spacy-mtl.ConsoleLogger.v1"
output_file = ${shared.file}
balance_file = "balance.jsonl"

[corpora.mixed]
@readers = "spacy-mtl.MultiTaskCorpus.v1"
sources = ${shared.sources}

[corpora.mixed.sampler]
@misc = "spacy-mtl.WeightedSampler.v1"
weights = ${shared.weights}

[initialize]
components = ${start}

[start]

[start.ner]
labels = ["PER","LOC"]

[start.topic]
labels = null
"""


def load_with_variables(folder):
    text = make_config(NER_AND_TOPIC, more=VARIABLES).replace('corpora.train"', 'corpora.mixed"')
    logger = '\n[training.logger]\n@loggers = "spacy-mtl.ConsoleLogger.v1"\noutput_file = "lines.jsonl"\n'
    assert logger in text
    settings = "patience = 0\nlogger = ${shared.logger}\nannotating_components = ${shared.names}"
    config, _, overrides = write_joint(folder, text.replace(logger, "").replace("patience = 0", settings))
    return load_joint(config, overrides)


def test_variables_stay_where_they_are(tmp_path):
    joint = load_with_variables(tmp_path)
    alone = derive_config(joint, joint.config, joint.tasks[:1], {"ents_f": 1.0})
    expected = derive_config(joint, joint.config.interpolate(), joint.tasks[:1], {"ents_f": 1.0})
    assert alone.interpolate() == expected, "with variables it says the same as without"
    assert expected["training"]["annotating_components"] == ["ner"]
    assert expected["corpora"]["mixed"]["sampler"]["weights"] == {"names": 2.0}
    assert list(expected["corpora"]["mixed"]["sources"]) == ["names"]
    assert list(expected["initialize"]["components"]) == ["ner"]
    assert alone["training"]["seed"] == "${system.seed}"
    for corpus in ("train", "dev"):
        assert alone["corpora"][corpus]["path"] == f"${{paths.{corpus}}}"
    path = tmp_path / "alone.cfg"
    alone.to_disk(path, interpolate=False)
    moved = load_config(path, overrides={"paths.train": "other.spacy", "system.seed": 9}, interpolate=True)
    assert moved["corpora"]["train"]["path"] == "other.spacy" and moved["training"]["seed"] == 9
    assert moved["corpora"]["mixed"]["sources"]["names"]["path"] == "other.spacy", "also within what was edited"
    assert moved["corpora"]["dev"]["path"] == str(tmp_path / "corpus.spacy")
    assert load_model_from_config(load_config(path), auto_fill=True).pipe_names == ["tok2vec", "ner"]


def test_a_group_with_variables_counts_scores_as_it_did(tmp_path):
    joint = load_with_variables(tmp_path)
    joint.config["shared"]["share"] = 0.7
    joint.config["training"]["score_weights"].update({"topic_acc": 0.3, "ents_f": "${shared.share}"})
    group = derive_group(joint, joint.config, joint.tasks[:1]).interpolate()
    weights = group["training"]["score_weights"]
    assert {name: weight for name, weight in weights.items() if weight} == {"ents_f": 0.7}


def test_what_refers_to_a_head_that_is_gone_becomes_a_value(tmp_path):
    marker, width = "[components.topic.model.tok2vec]", "width = 16\nupstream"
    before, after = make_config(NER_AND_TOPIC).split(marker)
    before = before.replace(width, "width = ${components.topic.model.tok2vec.width}\nupstream")
    text = before + marker + after.replace(width, "width = ${components.tok2vec.model.width}\nupstream")
    config, _, overrides = write_joint(tmp_path, text)
    joint = load_joint(config, overrides)
    ner, topic = (derive_config(joint, joint.config, [task], {"score": 1.0}) for task in joint.tasks)
    assert topic["components"]["topic"]["model"]["tok2vec"]["width"] == "${components.tok2vec.model.width}"
    assert ner["components"]["ner"]["model"]["tok2vec"]["width"] == "${components.tok2vec.model.width}"
    assert ner.interpolate()["components"]["ner"]["model"]["tok2vec"]["width"] == 16


def test_files_of_the_logger_are_left_out(tmp_path):
    joint = load_with_variables(tmp_path)
    config = without_files(joint.config)
    assert config.interpolate()["training"]["logger"] == {
        "@loggers": "spacy-mtl.ConsoleLogger.v1",
        "output_file": None,
        "balance_file": None,
    }
    assert config["corpora"]["train"]["path"] == "${paths.train}"
    assert seed_config(joint.config, 3)["training"]["logger"] == config.interpolate()["training"]["logger"]
    assert joint.config.interpolate()["training"]["logger"]["output_file"] == "lines.jsonl"
