"""Translations jointly and alone: scores whose sentences are drawn again."""

from functools import partial

import pytest

pytest.importorskip("torch")
pytest.importorskip("sentencepiece")
pytest.importorskip("sacrebleu")

from thinc.api import Config, fix_random_seed  # noqa: E402

from spacy_mtl.analysis.comparison.evaluation import TaskCorpus, evaluate_run  # noqa: E402
from spacy_mtl.analysis.comparison.planning import JOINT  # noqa: E402
from spacy_mtl.analysis.comparison.scores import score_task  # noqa: E402
from spacy_mtl.analysis.metrics.counts import find_metrics  # noqa: E402
from spacy_mtl.analysis.metrics.tasks import Task  # noqa: E402
from spacy_mtl.analysis.trainings.derived_configs import load_joint  # noqa: E402
from spacy_mtl.analysis.trainings.executors import Run  # noqa: E402
from spacy_mtl.analysis.trainings.processes import Outcome  # noqa: E402
from spacy_mtl.data.corpus import make_corpus  # noqa: E402
from spacy_mtl.scorers.translation import score_translations  # noqa: E402

from ..joint_configs import TRANSLATING, make_config, make_docs, translate_docs, write_joint  # noqa: E402

TASK = Task("translate", "mtl_translate", ("tok2vec",), True)


def test_bleu_jointly_and_alone(tmp_path):
    docs = translate_docs(make_docs())
    path, corpus, overrides = write_joint(tmp_path, make_config(TRANSLATING), docs=docs)
    joint = load_joint(path, overrides)
    results = {}
    for side, steps in ((JOINT, 60), ("translate", 1)):
        fix_random_seed(0)
        nlp = load_joint(path, overrides).nlp
        examples = list(make_corpus(corpus)(nlp))
        # the last two are not learned
        optimizer = nlp.initialize(partial(list, examples[:4]))
        optimizer.learn_rate = 0.02
        for _ in range(steps):
            nlp.update(examples[:4], sgd=optimizer)
        folder = tmp_path / f"{side or 'joint'}"
        folder.mkdir()
        nlp.to_disk(folder / "model-best")
        metrics = find_metrics(nlp, TASK, {})
        run = Run(folder.name, Config({"training": {"max_steps": steps}}), folder)
        results[side, 0] = evaluate_run(run, Outcome(0, 2.0, 1.0, 100), {"translate": TaskCorpus(corpus, metrics)})
        predicted = list(nlp.pipe(example.predicted for example in make_corpus(corpus)(nlp)))
        for doc, example in zip(predicted, examples):
            example.predicted = doc
        expected = score_translations(examples, language="de")
        assert results[side, 0].values["translate"]["translation_bleu"] == pytest.approx(expected["translation_bleu"])
    assert [task.name for task in joint.tasks] == ["ner", "translate"]
    for score in score_task(TASK, metrics, results, 200):
        assert score.texts == len(docs) and score.difference > 0.2 and score.p_value < 0.2
        assert 0 <= score.interval[0] < score.difference < score.interval[1] < 1.001
