"""One pipeline for many clients: texts that come at the same time are annotated together."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple, Union

from spacy.language import Language

from ..errors import Errors
from ..pipeline.findings import Describer

Found = Union[Dict[str, Any], ValueError]


class BatchedPipeline:
    """Annotates the texts of many tasks of an event loop, such as the requests to a server. While a batch is annotated,
    in a thread, texts are collected for the next one; so there is no delay where there is little to do."""

    def __init__(self, nlp: Language, *, batch_size: Optional[int] = None, max_waiting: int = 1000) -> None:
        """Take a pipeline. Use what is made as an asynchronous context: `async with BatchedPipeline(nlp) as pipeline`.

        nlp (Language): The pipeline.
        batch_size (Optional[int]): The number of texts that are annotated together, at most; None for its own setting.
        max_waiting (int): The number of texts that may wait.
        """
        self._nlp = nlp
        self._describe = Describer(nlp)
        self._batch_size = batch_size or nlp.batch_size
        self._max_waiting = max_waiting
        self._thread = ThreadPoolExecutor(1)
        self._asked: Set[asyncio.Future[Dict[str, Any]]] = set()
        self._waiting: asyncio.Queue[Tuple[str, asyncio.Future[Dict[str, Any]]]]
        self._work: asyncio.Task[None]

    async def __aenter__(self) -> "BatchedPipeline":
        self._waiting = asyncio.Queue(self._max_waiting)
        self._work = asyncio.create_task(self._annotate_batches())
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._work.cancel()
        for future in list(self._asked):
            future.cancel()
        self._thread.shutdown(wait=True)

    async def annotate(self, text: str) -> Dict[str, Any]:
        """Annotate a text, together with others that come at the same time.

        text (str): The text.
        RETURNS (Dict[str, Any]): What is found, as `spacy mtl show --json` prints it.
        RAISES (ValueError): E781 for what is no text, E782 for a text that is too long, E783 if the pipeline fails on
            it.
        RAISES (BlockingIOError): E747 if too many texts wait.
        """
        if not isinstance(text, str):
            raise ValueError(Errors.E781.format(expected=f"a string, found {type(text).__name__}"))
        if len(text) > self._nlp.max_length:
            raise ValueError(Errors.E782.format(expected=self._nlp.max_length, found=len(text)))
        found: asyncio.Future[Dict[str, Any]] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((text, found))
        except asyncio.QueueFull:
            raise BlockingIOError(Errors.E747.format(found=self._max_waiting)) from None
        self._asked.add(found)
        try:
            return await found
        finally:
            self._asked.discard(found)

    async def _annotate_batches(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < self._batch_size and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            results = await loop.run_in_executor(self._thread, self._annotate, [text for text, _ in batch])
            for (_, future), found in zip(batch, results):
                # a client that is gone waits for nothing
                if future.done():
                    continue
                if isinstance(found, ValueError):
                    future.set_exception(found)
                else:
                    future.set_result(found)

    def _annotate(self, texts: Sequence[str]) -> List[Found]:
        try:
            found: List[Found] = [self._describe(doc) for doc in self._nlp.pipe(texts)]
            if len(found) == len(texts):
                return found
        # anything may go wrong in a component; the texts of the others are not to suffer from it
        except Exception:
            pass
        return [self._annotate_alone(text) for text in texts]

    def _annotate_alone(self, text: str) -> Found:
        try:
            return self._describe(self._nlp(text))
        except Exception as error:
            return ValueError(Errors.E783.format(error=f"{type(error).__name__}: {error}"))
