"""Passages of unlike length read by a pretrained transformer at once, one after the other in a single row."""

import inspect
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy
import torch
import torch.nn.functional as F
from thinc.api import ArgsKwargs
from torch.overrides import TorchFunctionMode

from ...quick_dropout import drop, make_generator
from ..windows import bucket_sizes

# What is not named here is read in batches of passages of like length.
PACKED_TYPES = ("bert", "roberta", "xlm-roberta", "camembert")
TOLERANCE = 1e-3
# Two passages of unlike length, to see whether a model can be read so.
PROBED_LENGTHS = (7, 3)


class Pack(NamedTuple):
    """P passages laid into one row of S slots: groups of like length, longest first, each padded to its longest.

    slots (torch.Tensor): The wordpiece of each slot, as an index into those of all padded passages, shape (S,).
    positions (torch.Tensor): The place of each slot in its passage, shape (S,).
    shapes (List[Tuple[int, int]]): Passages and slots of a passage, group by group.
    masks (List[Optional[torch.Tensor]]): For each group the slots that are no padding, shape (passages, 1, 1, slots);
        None where all are.
    rows (torch.Tensor): The slot of each wordpiece of the padded passages, shape (P, longest); padding has some slot.
    """

    slots: torch.Tensor
    positions: torch.Tensor
    shapes: List[Tuple[int, int]]
    masks: List[Optional[torch.Tensor]]
    rows: torch.Tensor


def make_pack(mask: numpy.ndarray) -> Optional[Pack]:
    """Lay passages into a row.

    mask (numpy.ndarray): Which slots of the padded passages are wordpieces, shape (passages, longest).
    RETURNS (Optional[Pack]): The row; None for passages that are empty or not padded at their end.
    """
    lengths = (mask > 0).sum(axis=1)
    longest = mask.shape[1]
    if not len(lengths) or lengths.min() == 0 or not ((mask > 0) == (numpy.arange(longest) < lengths[:, None])).all():
        return None
    order = numpy.argsort(-lengths, kind="stable")
    shapes, masks, slots, positions = [], [], [], []
    starts = numpy.zeros(len(lengths), dtype="int64")
    first = start = 0
    for size in bucket_sizes(lengths[order]):
        members = order[first : first + size]
        length = int(lengths[members[0]])
        places = numpy.arange(length)
        is_filled = places < lengths[members][:, None]
        shapes.append((size, length))
        masks.append(None if is_filled.all() else torch.from_numpy(is_filled[:, None, None]))
        slots.append((members[:, None] * longest + places).ravel())
        positions.append(numpy.tile(places, size))
        starts[members] = start + numpy.arange(size) * length
        first += size
        start += size * length
    rows = starts[:, None] + numpy.minimum(numpy.arange(longest), lengths[:, None] - 1)
    joined = [torch.from_numpy(numpy.concatenate(parts)) for parts in (slots, positions)]
    return Pack(joined[0], joined[1], shapes, masks, torch.from_numpy(rows))


def pack_inputs(inputs: ArgsKwargs, pack: Pack, first_position: int) -> ArgsKwargs:
    """The arguments of a transformer for a row.

    inputs (ArgsKwargs): Its arguments for padded passages.
    pack (Pack): How they lie in the row.
    first_position (int): The number that the model gives to the first position.
    RETURNS (ArgsKwargs): Its arguments for the row.
    """
    ids = inputs.kwargs["input_ids"].reshape(-1)[pack.slots][None]  # [1, slots]
    types = inputs.kwargs.get("token_type_ids")
    types = torch.zeros_like(ids) if types is None else types.reshape(-1)[pack.slots][None]
    positions = (pack.positions + first_position)[None]
    kwargs = {"input_ids": ids, "token_type_ids": types, "position_ids": positions}
    return ArgsKwargs(args=(), kwargs={**kwargs, "attention_mask": torch.ones_like(ids, dtype=torch.float32)})


def unpack_output(output: Any, pack: Pack) -> Any:
    """What a transformer gives for padded passages.

    output (ModelOutput): What it gave for the row.
    pack (Pack): How the passages lie in it.
    RETURNS (ModelOutput): The last layer's vectors, shape (passages, longest, width); those of padding mean nothing.
    """
    from transformers.modeling_outputs import BaseModelOutput

    slots = output.last_hidden_state[0]  # [slots, width]
    vectors = slots.index_select(0, pack.rows.reshape(-1))
    return BaseModelOutput(last_hidden_state=vectors.reshape(*pack.rows.shape, -1))


class PackedReading(TorchFunctionMode):
    """While it is entered, a torch module reads a row of passages: what is done for each wordpiece by itself is done
    for the whole row, and attention stays in each passage (Krell et al. 2021).

    It steps in where the module calls torch's `scaled_dot_product_attention` and `dropout`.
    """

    def __init__(self, pack: Pack) -> None:
        """Create the context.

        pack (Pack): The row.
        """
        super().__init__()
        self._pack = pack
        self._generator = make_generator()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Optional[Dict] = None) -> Any:
        kwargs = kwargs or {}
        if function is F.scaled_dot_product_attention:
            return self._attend(*args, **kwargs)
        if function is F.dropout:
            return self._drop(*args, **kwargs)
        return function(*args, **kwargs)

    def _drop(self, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        return drop(input, p, self._generator) if training and p else input

    def _attend(
        self, query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, **settings: Any
    ) -> torch.Tensor:
        if attn_mask is not None or any(settings.values()):
            raise NotImplementedError("attention with a mask or a scale of its own")
        heads, width = query.shape[1], query.shape[3]  # [1, heads, slots, width]
        sizes = [passages * length for passages, length in self._pack.shapes]
        parts = zip(*(vectors.split(sizes, dim=2) for vectors in (query, key, value)))
        attended = []
        for (passages, length), mask, part in zip(self._pack.shapes, self._pack.masks, parts):
            # [passages, heads, slots, width]
            q, k, v = (rows.reshape(heads, passages, length, width).transpose(0, 1) for rows in part)
            if dropout_p:
                weights = torch.matmul(q * width**-0.5, k.transpose(2, 3))
                weights = weights if mask is None else weights.masked_fill(~mask, -torch.inf)
                mixed = torch.matmul(drop(weights.softmax(dim=-1), dropout_p, self._generator), v)
            else:
                mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            attended.append(mixed.transpose(1, 2).reshape(passages * length, heads, width))
        return torch.cat(attended).transpose(0, 1)[None]  # [1, heads, slots, width]


def find_first_position(module: torch.nn.Module) -> int:
    """RETURNS (int): The number that a model gives to a passage's first position: RoBERTa and its like begin after the
    padding's."""
    for name, part in module.named_modules():
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            return int(part.padding_idx) + 1
    return 0


def can_pack(module: torch.nn.Module) -> bool:
    """Find out whether a transformer reads a row as it reads the passages in it.

    module (torch.nn.Module): A model of transformers.
    RETURNS (bool): Whether it does: it is of a known type, lies on the CPU, and gives the same for a small sample.
    """
    config: Any = getattr(module, "config", None)
    if getattr(config, "model_type", None) not in PACKED_TYPES or config.is_decoder:
        return False
    if config.output_hidden_states or config.output_attentions:
        return False
    if "position_ids" not in inspect.signature(module.forward).parameters:
        return False
    if next(module.parameters()).device.type != "cpu":
        return False
    longest = max(PROBED_LENGTHS)
    mask = numpy.array([[place < length for place in range(longest)] for length in PROBED_LENGTHS])
    # RoBERTa and its like take a certain wordpiece for padding
    usable = [piece for piece in range(min(config.vocab_size, mask.size)) if piece != config.pad_token_id]
    if len(usable) < longest:
        return False
    ids = torch.tensor(usable).repeat(len(mask))[: mask.size].reshape(mask.shape)
    inputs = ArgsKwargs(args=(), kwargs={"input_ids": ids, "attention_mask": torch.from_numpy(mask).float()})
    pack = make_pack(mask)
    assert pack is not None
    module.eval()
    try:
        with torch.no_grad():
            expected = module(*inputs.args, **inputs.kwargs).last_hidden_state
            packed = pack_inputs(inputs, pack, find_first_position(module))
            with PackedReading(pack):
                found = unpack_output(module(*packed.args, **packed.kwargs), pack).last_hidden_state
    except (NotImplementedError, RuntimeError, TypeError, ValueError):
        return False
    is_piece = torch.from_numpy(mask)
    return bool(torch.allclose(found[is_piece], expected[is_piece], atol=TOLERANCE, rtol=TOLERANCE))
