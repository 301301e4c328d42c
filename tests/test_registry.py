"""Every public name resolves, and nothing but public names is declared."""

from importlib.metadata import distribution

import pytest
import spacy
from spacy.language import Language
from spacy.util import registry

GROUPS = {
    "spacy_architectures": (
        registry.architectures,
        [
            "AdaptedListener",
            "BiaffineArguments",
            "BiaffineDependencies",
            "Column",
            "ConcatArguments",
            "CRFTagger",
            "CrossStitch",
            "DefaultTok2Vec",
            "ExpertGate",
            "Experts",
            "MultiHashEmbed",
            "NgramModel",
            "PretrainedEncoder",
            "PrivatePath",
            "StackPropagation",
            "RNNEncoder",
            "SRL",
            "TextCat",
            "Tok2VecListener",
            "TransformerDecoder",
            "TransformerEncoder",
        ],
    ),
    "spacy_misc": (
        registry.misc,
        [
            "AlignedMTL",
            "AnnealedSampler",
            "CAGrad",
            "ConFIG",
            "Distillation",
            "DynamicWeightAveraging",
            "Equal",
            "FAMO",
            "GradDrop",
            "GradNorm",
            "GradientShares",
            "GradVac",
            "IMTLG",
            "LoRA",
            "MGDA",
            "NashMTL",
            "PCGrad",
            "ProportionalSampler",
            "RandomLossWeighting",
            "RoundRobinSampler",
            "SequentialSampler",
            "Sum",
            "TargetDistributionAveraging",
            "TemperatureSampler",
            "UncertaintyWeighting",
            "UniformSampler",
            "UPGrad",
            "Weighted",
            "WeightedSampler",
            "count_wordpieces",
        ],
    ),
    "spacy_callbacks": (registry.callbacks, ["use_numpy_gemm", "without_scaffold"]),
    "spacy_readers": (registry.readers, ["Corpus", "DistilledCorpus", "MultiTaskCorpus", "Source"]),
    "spacy_batchers": (registry.batchers, ["batch_by_sampler", "batch_by_source"]),
    "spacy_scorers": (
        registry.scorers,
        ["dependency_scorer", "ner_scorer", "sentence_scorer", "srl_scorer", "textcat_scorer", "translation_scorer"],
    ),
    "spacy_loggers": (registry.loggers, ["ConsoleLogger"]),
}
FACTORIES = ["mtl_dependency", "mtl_ner", "mtl_srl", "mtl_textcat", "mtl_tok2vec", "mtl_translate"]


def declared(group):
    return sorted(entry.name for entry in distribution("spacy-mtl").entry_points if entry.group == group)


@pytest.mark.parametrize("group", GROUPS)
def test_names_are_versioned_and_resolve(group):
    functions, names = GROUPS[group]
    assert declared(group) == sorted(f"spacy-mtl.{name}.v1" for name in names)
    for name in declared(group):
        assert callable(functions.get(name))


def test_factories():
    assert declared("spacy_factories") == FACTORIES
    spacy.blank("en")
    for name in FACTORIES:
        assert Language.has_factory(name)


def test_no_other_groups():
    groups = {entry.group for entry in distribution("spacy-mtl").entry_points}
    assert groups == {*GROUPS, "spacy_factories", "spacy_cli"}
