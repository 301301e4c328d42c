"""A training as `spacy train` has it, of which this process does all or a part."""

import shutil
import sys
from contextlib import closing, nullcontext
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import IO, Any, Dict, Optional

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import (
    DIR_MODEL_BEST,
    DIR_MODEL_LAST,
    clean_output_dir,
    create_before_to_disk_callback,
    create_train_batches,
    update_meta,
)
from spacy.util import fix_random_seed, registry, resolve_dot_names
from thinc.api import Config, Optimizer, set_gpu_allocator
from wasabi import Printer

from ...analysis.trainings.fingerprints import fingerprint
from ...analysis.trainings.locks import lock_folder
from ...data.writing import whole_folder
from . import checkpoint
from .agreement import agree
from .evaluation import make_evaluation
from .group import Group
from .random_numbers import OwnRandom, differ, read_python_state, read_state, restore_state
from .updates import Progress, Updater, train_while_improving


def train(
    config: Config,
    output: Optional[Path] = None,
    *,
    group: Optional[Group] = None,
    use_gpu: int = -1,
    code: Optional[Path] = None,
    resume: bool = True,
    stdout: IO = sys.stdout,
    stderr: IO = sys.stderr,
) -> Language:
    """Initialize and train a pipeline, together with the other workers.

    With one worker this is `spacy train`. With more, each learns from a part of every batch, and the sum of the
    gradients is the same for all, so that all have the same pipeline. The first one writes it.

    After each evaluation the state of the training is saved. A training that was stopped goes on from there.

    config (Config): The config, as for `spacy train`.
    output (Optional[Path]): The folder for model-last, model-best and the checkpoint; None to save nothing.
    group (Optional[Group]): The workers; None for a worker alone.
    use_gpu (int): The GPU of this worker; -1 for none.
    code (Optional[Path]): The Python file that was imported for the config: a checkpoint depends on it.
    resume (bool): Whether to go on with a training that was stopped.
    stdout (IO): Where the first worker prints to.
    stderr (IO): Where its progress bar goes.
    RETURNS (Language): The pipeline.
    RAISES (ValueError): What readers, components and the logger raise; E723 if the workers do not train the same, E724
        for a checkpoint of another training.
    RAISES (ConnectionError): E721 if another worker is gone.
    RAISES (OSError): E726 if another training writes to the folder.
    """
    group = group or Group()
    # one writer
    if not group.is_first:
        output, stdout, stderr = None, StringIO(), StringIO()
    with closing(lock_folder(output)) if output is not None else nullcontext():
        nlp = init_nlp(config, use_gpu=use_gpu)
        filled = nlp.config.interpolate()
        store = None if output is None else _Store(output, fingerprint(filled, code))
        found = store.read() if store is not None and resume else None
        _Training(nlp, filled, group, use_gpu, stdout, stderr).run(store, found)
    return nlp


class _Store:
    """The folder of a training."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        for name in (checkpoint.NAME, DIR_MODEL_LAST, DIR_MODEL_BEST):
            # what a process that was killed had begun to write
            for path in folder.glob(f".{name}.*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def last(self) -> Path:
        """RETURNS (Path): The folder of the last pipeline."""
        return self._folder / DIR_MODEL_LAST

    def read(self) -> Optional[Dict[str, Any]]:
        """RETURNS (Optional[Dict[str, Any]]): The checkpoint. RAISES (ValueError): E724."""
        return checkpoint.read_checkpoint(self._folder, self._fingerprint)

    def clear(self) -> None:
        """Begin anew."""
        checkpoint.remove_checkpoint(self._folder)
        clean_output_dir(self._folder)

    def save_pipeline(self, nlp: Language, is_best: bool) -> None:
        """nlp (Language): The pipeline. is_best (bool): Whether it is the best so far."""
        with whole_folder(self.last, replace=True) as path:
            nlp.to_disk(path)
        if is_best:
            with whole_folder(self._folder / DIR_MODEL_BEST, replace=True) as path:
                shutil.copytree(self.last, path, dirs_exist_ok=True)

    def save_state(self, nlp: Language, optimizer: Optimizer, progress: Dict[str, Any], states: Any) -> None:
        """Write the checkpoint."""
        checkpoint.save_checkpoint(self._folder, self._fingerprint, nlp, optimizer, progress, states)

    def finish(self) -> None:
        """Note that there is nothing to go on with."""
        checkpoint.remove_checkpoint(self._folder)


class _Training:
    """The part of a training that is this worker's."""

    def __init__(self, nlp: Language, config: Config, group: Group, use_gpu: int, stdout: IO, stderr: IO) -> None:
        self._nlp = nlp
        self._group = group
        self._stdout, self._stderr = stdout, stderr
        self._seed: Optional[int] = config["training"]["seed"]
        if self._seed is not None:
            fix_random_seed(self._seed)
        if use_gpu >= 0 and config["training"]["gpu_allocator"]:
            set_gpu_allocator(config["training"]["gpu_allocator"])
        self._settings: Dict[str, Any] = registry.resolve(config["training"], schema=ConfigSchemaTraining)
        names = [self._settings["train_corpus"], self._settings["dev_corpus"]]
        self._train_corpus, self._dev_corpus = resolve_dot_names(config, names)
        self._optimizer: Optimizer = self._settings["optimizer"]
        self._data_state = read_python_state()

    def run(self, store: Optional[_Store], found: Optional[Dict[str, Any]]) -> None:
        """Train. store: the first worker's. found: its checkpoint."""
        nlp, group, settings, optimizer = self._nlp, self._group, self._settings, self._optimizer
        progress = self._begin(found)
        if store is not None and not progress.step:
            store.clear()
        frozen, annotating = settings["frozen_components"], settings["annotating_components"]
        updater = Updater(
            nlp,
            optimizer,
            group,
            dropout=settings["dropout"],
            accumulate_gradient=settings["accumulate_gradient"],
            frozen=frozen,
            annotating=annotating,
        )
        batches = create_train_batches(nlp, self._train_corpus, settings["batcher"], settings["max_epochs"])
        updates = train_while_improving(
            nlp,
            updater,
            # what was learned from is gone through again: readers and samplers know where they are by nothing else
            islice(OwnRandom(batches, self._data_state), progress.step, None),
            make_evaluation(nlp, self._dev_corpus, settings["score_weights"], group),
            group,
            progress,
            optimizer=optimizer,
            max_steps=settings["max_steps"],
            patience=settings["patience"],
            eval_frequency=settings["eval_frequency"],
            before_update=settings["before_update"],
        )
        self._introduce(progress)
        log_step, finalize = self._make_logger()
        try:
            for info, is_best in updates:
                if is_best is not None:
                    with nlp.select_pipes(disable=frozen):
                        update_meta(settings, nlp, info)
                    if store is not None:
                        self._save(store, is_best)
                        info["output_path"] = str(store.last)
                log_step(info if is_best is not None else None)
                if is_best is not None:
                    states = group.gather(read_state())
                    if store is not None:
                        told = {**progress.to_dict(), "data": self._data_state}
                        store.save_state(nlp, optimizer, told, states)
        finally:
            finalize()
            updater.close()
        if store is not None:
            self._save(store, False)
            store.finish()
            self._say("good", "Saved pipeline to output directory", store.last)

    def _begin(self, found: Optional[Dict[str, Any]]) -> Progress:
        """Bring this worker to where the training begins, or goes on."""
        nlp, group = self._nlp, self._group
        agree(nlp, group)
        content = group.share(found)
        differ(self._seed, group.rank)
        if content is None:
            self._data_state = group.share(self._data_state)
            return Progress()
        self._data_state = content["progress"].pop("data")
        checkpoint.restore(content, nlp, self._optimizer)
        # there may be more workers now than there were
        if group.rank < len(content["states"]):
            restore_state(content["states"][group.rank])
        return Progress.from_dict(content["progress"])

    def _introduce(self, progress: Progress) -> None:
        settings, size = self._settings, self._group.size
        self._say("info", f"Pipeline: {self._nlp.pipe_names}")
        if size > 1:
            self._say("info", f"Workers: {size}")
        if settings["frozen_components"]:
            self._say("info", f"Frozen components: {settings['frozen_components']}")
        if settings["annotating_components"]:
            self._say("info", f"Set annotations on update for: {settings['annotating_components']}")
        self._say("info", f"Initial learn rate: {self._optimizer.learn_rate}")
        if progress.step:
            self._say("info", f"Goes on after {progress.step} updates, from the last checkpoint")

    def _say(self, kind: str, *text: Any) -> None:
        self._stdout.write(f"{getattr(Printer(no_print=True), kind)(*text)}\n")

    def _make_logger(self) -> Any:
        if not self._group.is_first:
            return (lambda info: None), (lambda: None)
        with self._nlp.select_pipes(disable=self._settings["frozen_components"]):
            return self._settings["logger"](self._nlp, self._stdout, self._stderr)

    def _save(self, store: _Store, is_best: bool) -> None:
        before_to_disk = create_before_to_disk_callback(self._settings["before_to_disk"])
        with self._nlp.use_params(self._optimizer.averages or {}):
            store.save_pipeline(before_to_disk(self._nlp), is_best)
