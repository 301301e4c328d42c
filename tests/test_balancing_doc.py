"""What docs/balancing.md shows is run as it stands, and what it lists is complete."""

import inspect
import json
import re
from pathlib import Path

import numpy
import pytest
import spacy
from thinc.api import Config

from .balancing.methods import ALL, params
from .pipeline.shared_encoder import ENCODER, build, make_examples, parameters, train

TEXT = (Path(__file__).parents[1] / "docs" / "balancing.md").read_text(encoding="utf8")


def block(language):
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return found


def listed():
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]*)\|", TEXT, re.MULTILINE))


def test_all_methods_are_listed():
    assert set(listed()) == set(ALL)


@pytest.mark.parametrize("method", params(ALL))
def test_settings_are_complete(method):
    settings = inspect.signature(spacy.registry.misc.get(f"spacy-mtl.{method}.v1")).parameters
    found = re.findall(r'`(\w+)`( [\d.]+| "\w+"| null)?', listed()[method])
    assert [name for name, _ in found] == [name for name in settings if name != "level"]
    for name, default in found:
        expected = settings[name].default
        assert (json.loads(default) if default else inspect.Parameter.empty) == expected, (name, default)


def test_the_block_of_the_config():
    config = Config().from_str("[components]\n\n[components.tok2vec]\n\n" + block("ini"))
    settings = dict(config["components"]["tok2vec"]["balancer"])
    nlp = build(balancer=settings)
    assert nlp.get_pipe(ENCODER).balancer.tau == settings["tau"]


@pytest.mark.parametrize("level", ["representation", "parameters"])
def test_the_balancer_of_ones_own(level):
    exec(block("python"), {"__name__": "own"})
    nlp = build(heads=("tagger", "ner"), balancer={"@misc": "Loudest.v1", "level": level})
    seen = []
    nlp.get_pipe(ENCODER).observers.append(seen.append)
    before = parameters(nlp)
    train(nlp, [make_examples(nlp)] * 3)
    assert numpy.abs(parameters(nlp) - before).max() > 1e-3
    assert all(list(one.weights.values()) == [1.0] and len(one.norms) == 2 for one in seen)
