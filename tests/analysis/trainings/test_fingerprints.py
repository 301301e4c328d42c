"""What trainings depend on."""

import pytest
from thinc.api import Config

from spacy_mtl.analysis.trainings import fingerprints
from spacy_mtl.analysis.trainings.fingerprints import find_files, find_versions, fingerprint

CONFIG = """
[paths]
train = "train.spacy"
vectors = null

[nlp]
pipeline = ["tok2vec","ner"]

[components]

[components.tok2vec]
factory = "mtl_tok2vec"

[components.tok2vec.model]
@architectures = "spacy-mtl.PretrainedEncoder.v1"

[components.tok2vec.model.transformer]
@architectures = "spacy-transformers.Tok2VecTransformer.v3"
name = "models/tiny"

[components.ner]
source = "earlier"

[corpora]

[corpora.train]
@readers = "spacy-mtl.MultiTaskCorpus.v1"

[corpora.train.sources]

[corpora.train.sources.ner]
@readers = "spacy-mtl.Source.v1"
path = ["a.spacy","folder"]
tasks = ["ner"]
options = {"words":"words.txt"}

[initialize]
vectors = "vectors"
init_tok2vec = "weights.bin"

[initialize.components]

[initialize.components.ner]
labels = ["PER","ner"]

[initialize.tokenizer]
lookup_dir = "lookups"
rules_path = "rules.json"

[training]
before_update = null

[training.logger]
@loggers = "other.v1"
log_dir = "logs"
"""
FILES = (
    "a.spacy",
    "earlier/meta.json",
    "folder/part/b.spacy",
    "lookups/lookups.bin",
    "models/tiny/config.json",
    "models/tiny/model.safetensors",
    "rules.json",
    "train.spacy",
    "vectors/vectors.bin",
    "weights.bin",
    "words.txt",
)


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        write(tmp_path / name)
    return Config().from_str(CONFIG)


def write(path, text="as it was"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")


def test_the_files_that_a_config_names(config):
    assert [path.as_posix() for path in find_files(config)] == list(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_file_counts(config, tmp_path, name):
    before = fingerprint(config)
    assert fingerprint(config) == before
    write(tmp_path / name, "otherwise")
    assert fingerprint(config) != before


@pytest.mark.parametrize("name", ["ner", "PER", "tok2vec", "mtl_tok2vec", "logs", "spacy-mtl.Source.v1", "null", "."])
def test_what_only_has_the_name_of_something_else_does_not_count(config, tmp_path, name):
    before = fingerprint(config)
    write(tmp_path / name / "config.cfg")
    assert fingerprint(config) == before


def test_a_name_is_a_transformer_only_if_the_folder_holds_one(config, tmp_path):
    config["components"]["tok2vec"]["model"]["transformer"]["name"] = "ner"
    before = fingerprint(config)
    write(tmp_path / "ner" / "notes.txt")
    assert fingerprint(config) == before
    write(tmp_path / "ner" / "config.json")
    assert fingerprint(config) != before


def test_the_config_counts(config):
    before = fingerprint(config)
    config["nlp"]["pipeline"] = ["tok2vec"]
    assert fingerprint(config) != before


def test_the_code_of_the_user_counts(config, tmp_path):
    write(tmp_path / "code.py", "RATE = 1")
    write(tmp_path / "elsewhere" / "code.py", "RATE = 1")
    without, first = fingerprint(config), fingerprint(config, tmp_path / "code.py")
    assert without != first == fingerprint(config, tmp_path / "elsewhere" / "code.py")
    write(tmp_path / "code.py", "RATE = 2")
    assert fingerprint(config, tmp_path / "code.py") not in (first, without)


def test_versions_count(config, monkeypatch):
    assert {"spacy-mtl", "spacy", "thinc"} <= set(find_versions()) <= set(fingerprints.PACKAGES)
    before = fingerprint(config)
    monkeypatch.setattr(fingerprints, "version", lambda name: "0.0.1")
    assert find_versions() == dict.fromkeys(fingerprints.PACKAGES, "0.0.1")
    assert fingerprint(config) != before


def test_what_is_not_installed_has_no_version(monkeypatch):
    monkeypatch.setattr(fingerprints, "PACKAGES", ("spacy", "no-such-package-as-this"))
    assert list(find_versions()) == ["spacy"]


def test_what_is_moved_between_files_counts(config, tmp_path):
    before = fingerprint(config)
    write(tmp_path / "a.spacy", "as it")
    write(tmp_path / "folder" / "part" / "b.spacy", " wasas it was")
    assert fingerprint(config) != before
