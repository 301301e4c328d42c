"""What objects of a config say of themselves."""

import pytest
from spacy.util import registry

from spacy_mtl.data.corpus import make_corpus
from spacy_mtl.data.multitask import make_multi_task_corpus
from spacy_mtl.data.sources import Source

from .analysis.comparison.comparisons import make_comparison


@pytest.mark.parametrize(
    "name,settings,shown",
    [
        ("ProportionalSampler", {}, "Proportional()"),
        ("TemperatureSampler", {"tau": 0.5}, "Temperature(tau=0.5, final_tau=0.5)"),
        ("WeightedSampler", {"weights": {"news": 2.0}}, "Weighted(weights={'news': 2.0})"),
        ("SequentialSampler", {"order": ["news", "mail"]}, "Sequential(order=['news', 'mail'])"),
        ("Sum", {}, "Sum("),
        ("TargetDistributionAveraging", {"tau": 0.25}, "TargetDistributionAveraging(tau=0.25"),
    ],
)
def test_samplers_and_balancers(name, settings, shown):
    assert repr(registry.misc.get(f"spacy-mtl.{name}.v1")(**settings)).startswith(shown)


def test_corpora_and_sources():
    corpus = make_corpus("news.spacy", limit=10)
    assert repr(corpus) == "Corpus(path='news.spacy', limit=10)"
    source = Source(corpus, ["ner"])
    assert repr(source) == "Source(corpus=Corpus(path='news.spacy', limit=10), tasks=['ner'])"
    assert repr(make_multi_task_corpus({"news": source})).startswith("MultiTaskCorpus(sources={'news': Source(")


def test_an_object_that_is_not_made_yet():
    assert repr(Source.__new__(Source)) == "Source()"


def test_a_comparison_says_its_verdict():
    comparison = make_comparison()
    assert repr(comparison) == f"<Comparison of joint.cfg: {comparison.verdict}>"
