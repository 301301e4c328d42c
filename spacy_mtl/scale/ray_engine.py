"""Processes of a Ray cluster, or of Ray on this machine. Shards and their files stay what they are: of Ray nothing is
asked but to run processes, and to say when one is gone."""

import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from spacy.language import Language

from .annotating import DONE, Settings, Task
from .pipelines import Pipeline
from .ray_cluster import Cluster
from .sessions import FAILED, Message, Session


@dataclass
class Packed:
    """Gives a pipeline to a process of another machine, as bytes: what Ray itself unpacks cannot be written to.

    data (bytes): The pickled pipeline.
    """

    data: bytes

    def __call__(self) -> Language:
        """RETURNS (Language): The pipeline."""
        return pickle.loads(self.data)


class RayEngine:
    """Processes of a cluster."""

    def __init__(self, pipeline: Pipeline, folder: Path, settings: Settings, address: Optional[str]) -> None:
        """Connect to the cluster, or start Ray on this machine.

        pipeline (Pipeline): The pipeline; one that was named is loaded by each process, and must be there for it.
        folder (Path): Where files go, on a file system that all machines share.
        settings (Settings): How texts are annotated.
        address (Optional[str]): The cluster, as "auto"; None for that which is connected, or this machine.
        RAISES (ImportError): E749 if Ray is not installed.
        RAISES (OSError): E748 if the cluster is not there.
        """
        self._cluster = Cluster(address)
        self._ray = ray = self._cluster.ray
        load: Callable[[], Language] = Packed(pickle.dumps(pipeline.nlp)) if pipeline.named is None else pipeline.named
        self._needs = {"num_cpus": 1}
        if pipeline.named is not None and pipeline.named.gpu_id >= 0:
            # a process sees only the one that Ray gives it
            load = replace(pipeline.named, gpu_id=0)
            self._needs["num_gpus"] = 1
        # one processor a worker, so that Ray can count them
        self._arguments = load, folder.absolute(), settings, 1
        self._actor = ray.remote(Session)

    def start(self) -> "RayWorker":
        """RETURNS (RayWorker): A process."""
        return RayWorker(self._ray, self._actor.options(**self._needs).remote(*self._arguments))

    def wait(self, workers: Sequence["RayWorker"]) -> List["RayWorker"]:
        """RETURNS (List[RayWorker]): Those that say something, or are gone."""
        by_reference: Dict[Any, RayWorker] = {worker.next: worker for worker in workers if worker.next is not None}
        ready, _ = self._ray.wait(list(by_reference), num_returns=1)
        return [by_reference[reference] for reference in ready]

    def close(self) -> None:
        """End Ray, if it was started here."""
        self._cluster.close()


class RayWorker:
    """A process, as seen from the one that has started it."""

    def __init__(self, ray: Any, actor: Any) -> None:
        """Ask it to load the pipeline.

        ray (module): Ray.
        actor (ActorHandle): The process.
        """
        self._ray = ray
        self._actor = actor
        self._steps: Any = None
        self.next: Any = actor.begin.remote()

    def give(self, task: Task) -> None:
        """Send a task to the process. task (Task): The task."""
        # a step is taken when the one before was heard of, so that it is known what ended a process
        one_by_one = {"num_returns": "streaming", "_generator_backpressure_num_objects": 1}
        self.next = self._steps = self._actor.annotate.options(**one_by_one).remote(task)

    def read(self) -> Optional[Message]:
        """RETURNS (Optional[Message]): What the process says next; None if it is gone."""
        try:
            message = self._ray.get(self.next if self._steps is None else next(self._steps))
        except self._ray.exceptions.RayActorError:
            return None
        except self._ray.exceptions.RayError as error:
            return Message(FAILED, text=str(error))
        if self._steps is None or message.kind in (DONE, FAILED):
            self.next = self._steps = None
        return message

    def end(self, *, kill: bool = False) -> Optional[int]:
        """End the process. RETURNS (Optional[int]): None."""
        self.next = None
        self._ray.kill(self._actor)
        return None
