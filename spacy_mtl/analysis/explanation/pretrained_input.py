"""A pretrained transformer as a place where words are read: they are hidden in the embeddings of its wordpieces."""

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps, Ragged, torch2xp, xp2torch

from ...encoders.pretrained.encoder import NAME, read_passages
from ...types import TokenVectors
from .inputs import WordInput
from .undisturbed import replaced

PIECES_READ = 4096
PIECES_GRADED = 1024
"""Wordpieces that are read at once, without and with a gradient: what bounds the memory."""
POOLINGS = ("reduce_mean", "reduce_sum", "reduce_first", "reduce_last")


class _Passage(NamedTuple):
    """A part of the text that the transformer reads at once.

    arguments (Dict[str, Any]): Those of the torch module, one row for each span that it is cut into.
    hides (Floats2d): Which tokens of the text each wordpiece is of, in shares, shape (pieces, tokens).
    pools (Floats2d): How the vectors of tokens are made of those of wordpieces, shape (tokens of the passage, pieces).
    start (int): The first token of the text that it gives a vector.
    end (int): The token after the last.
    """

    arguments: Dict[str, Any]
    hides: Any
    pools: Any
    start: int
    end: int


class PretrainedInput(WordInput):
    """The wordpieces of a text. One of a hidden word has the embedding of the mask, one of a word that is kept in part
    what lies between. The positions, and the pieces that are no words', stay."""

    def __init__(self, node: Model, doc: Doc) -> None:
        """node (Model): What `find_pretrained` gave. doc (Doc): The text."""
        self.node, self.length = node, len(doc)
        transformer, pooling = _find_parts(node)
        self.shim = transformer.layers[0].shims[0]
        self.module = self.shim._model
        mask = self.shim._hfmodel.tokenizer.mask_token_id
        self.mask = self.module.get_input_embeddings().weight[mask].detach()
        self.passages = [self._prepare(transformer, pooling, *part) for part in _cut(node, doc)]

    @contextmanager
    def open(self) -> Iterator[None]:
        """In the block the transformer reads what `hide` leaves of the words."""

        def forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
            kept = xp2torch(model.ops.asarray2f(self.kept), device=self.mask.device)
            vectors = model.ops.alloc3f(len(docs), self.length, self.module.config.hidden_size)
            for passage in self.passages:
                for copies in _batches(len(docs), passage, PIECES_READ):
                    vectors[copies, passage.start : passage.end] = torch2xp(self._read(passage, kept[copies]))

            def backprop(d_vectors: TokenVectors) -> List[Doc]:
                d_stacked = xp2torch(model.ops.xp.stack(d_vectors), device=self.mask.device)
                for passage in self.passages:
                    # what it read is computed again: kept for all copies, it would not fit into the memory
                    for copies in _batches(len(docs), passage, PIECES_GRADED):
                        part = kept[copies].clone().requires_grad_()
                        found = self._read(passage, part, with_gradient=True)
                        found.backward(d_stacked[copies, passage.start : passage.end])
                        self.gradient[copies] += part.grad.cpu().numpy()
                return docs

            return list(vectors), backprop

        with replaced(self.node, forward):
            yield

    def _read(self, passage: _Passage, kept: Any, with_gradient: bool = False) -> Any:
        """RETURNS (torch.Tensor): The vectors of a passage's tokens, shape (copies, tokens, width). kept
        (torch.Tensor): What copies keep, shape (copies, tokens)."""
        import torch

        copies, (spans, pieces) = len(kept), passage.arguments["input_ids"].shape
        shares = 1 - (1 - kept) @ passage.hides.T
        shares = shares.reshape((copies * spans, pieces, 1))

        def mix(module: Any, inputs: Any, embedded: Any) -> Any:
            return self.mask + shares * (embedded - self.mask)

        arguments = {name: rows.repeat((copies, 1)) for name, rows in passage.arguments.items()}
        is_mixed = bool(self.shim._mixed_precision) and self.mask.device.type != "cpu"
        hook = self.module.get_input_embeddings().register_forward_hook(mix)
        try:
            with torch.set_grad_enabled(with_gradient), torch.autocast("cuda", enabled=is_mixed):
                found = self.module(**arguments).last_hidden_state.float()
        finally:
            hook.remove()
        return passage.pools @ found.reshape((copies, spans * pieces, -1))

    def _prepare(self, transformer: Model, pooling: Model, text: Doc, first: int, start: int, end: int) -> _Passage:
        """A passage that begins with a token of the text, and gives vectors from one to another."""
        import torch

        read = transformer.predict([text])
        batch, device, ops = read.wordpieces, self.mask.device, NumpyOps()
        count = batch.input_ids.size
        lengths = ops.asarray1i(_to_host(read.align.lengths))
        aligned = _to_host(read.align.dataXd).ravel()
        pools = pooling.predict(Ragged(pooling.ops.asarray2f(numpy.eye(count, dtype="f")[aligned]), lengths))
        hides = numpy.zeros((count, self.length), dtype="f")
        hides[aligned, first + numpy.repeat(numpy.arange(len(text)), lengths)] = 1
        hides /= numpy.maximum(hides.sum(axis=1, keepdims=True), 1)
        arguments = {
            "input_ids": torch.as_tensor(_to_host(batch.input_ids), dtype=torch.long, device=device),
            "attention_mask": torch.as_tensor(_to_host(batch.attention_mask), device=device),
        }
        if batch.token_type_ids is not None:
            kinds = torch.as_tensor(_to_host(batch.token_type_ids), dtype=torch.long, device=device)
            arguments["token_type_ids"] = kinds
        kept = _to_host(pools)[start - first : end - first]
        return _Passage(
            arguments, torch.as_tensor(hides, device=device), torch.as_tensor(kept, device=device), start, end
        )


def find_pretrained(model: Model) -> List[Model]:
    """Find the pretrained transformers in a model that gradients go through: those of spacy-transformers, with or
    without our encoder around them, whose tokenizer has a mask and whose pooling is linear.

    model (Model): The model.
    RETURNS (List[Model]): The layers from Docs to vectors.
    """
    found: List[Model] = []
    inner: set = set()
    for node in model.walk():
        if id(node) not in inner and _find_parts(node)[0] is not None:
            inner.update(id(part) for part in node.walk())
            transformer, pooling = _find_parts(node)
            module = transformer.layers[0].shims[0]._hfmodel
            if pooling.name in POOLINGS and module.tokenizer.mask_token_id is not None:
                found.append(node)
    return found


def _find_parts(node: Model) -> Tuple[Any, Any]:
    """The transformer within a layer that is nothing else, and its pooling; None for another layer."""
    stock = node.layers[0] if node.name == NAME else node
    if len(stock.layers) != 2 or stock.layers[1].name != "trfs2arrays" or len(stock.layers[0].layers) != 2:
        return None, None
    return stock.layers[0].layers[0], stock.layers[1].layers[0]


def _cut(node: Model, doc: Doc) -> Iterator[Tuple[Doc, int, int, int]]:
    """The texts that a layer reads at once: each with its first token, and those that it gives vectors."""
    if node.name != NAME:
        yield doc, 0, 0, len(doc)
        return
    for passages, texts in read_passages(node, [doc], node.attrs["overlap"]):
        for passage, text in zip(passages, texts):
            yield text, passage.start, passage.kept_start, passage.kept_end


def _batches(copies: int, passage: _Passage, limit: int) -> Iterator[slice]:
    size = max(1, limit // passage.arguments["input_ids"].numel())
    for start in range(0, copies, size):
        yield slice(start, min(start + size, copies))


def _to_host(array: Any) -> Any:
    return numpy.asarray(array.get() if hasattr(array, "get") else array)
