"""A pretrained transformer as the shared encoder, read in passages of bounded length."""

from typing import Callable, Iterator, List, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model

from ...setting_checks import PROBABILITY, check_setting
from ...types import TokenVectors
from ..torch_layer import require_transformers
from .lora import LoRA
from .precision import PRECISIONS
from .tuning import FineTuning
from .wordpieces import Passage, batch_passages, cut_passages, make_passage_doc

NAME = "spacy-mtl.PretrainedEncoder.v1"
# A tokenizer that drops some symbols is common; one that loses every twentieth word is not aligned.
LEAST_ALIGNED_SHARE = 0.95


def build_pretrained_encoder(
    transformer: Model[List[Doc], TokenVectors],
    learn_rate_factor: float = 1.0,
    layer_decay: float = 1.0,
    frozen_steps: int = 0,
    frozen_layers: int = 0,
    freeze_embeddings: bool = False,
    window: int = 192,
    overlap: int = 64,
    max_token_pieces: int = 16,
    max_batch_pieces: int = 4096,
    precision: str = "float32",
    lora: Optional[LoRA] = None,
    word_dropout: float = 0.0,
) -> Model[List[Doc], TokenVectors]:
    """Build an encoder around a pretrained transformer, to be trained on with the heads.

    The transformer reads passages: a Doc of more wordpieces than a window is cut, between tokens, into passages that
    overlap, and each token takes its vector from the passage in which it is most central. Passages of like length are
    read together, so that little of the work is padding, and no more at once than `max_batch_pieces`: memory is bounded
    in prediction. A token of very many wordpieces, such as an address, is shortened to its beginning.

    transformer (Model[List[Doc], List[Floats2d]]): The transformer, such as
        `spacy-transformers.Tok2VecTransformer.v3` with `spacy-transformers.doc_spans.v1`.
    learn_rate_factor (float): The share of the optimizer's learning rate that the transformer's highest layer gets. 0
        freezes it.
    layer_decay (float): What each layer gets of the rate of the layer above it (Howard and Ruder 2018), above 0 and up
        to 1.
    frozen_steps (int): Updates before the transformer starts to learn, so that the heads' first gradients, which mean
        little, do not spoil it.
    frozen_layers (int): How many of its layers never learn, from the lowest; the embeddings with them.
    freeze_embeddings (bool): Whether the embeddings never learn.
    window (int): Most wordpieces of a passage, without the special ones.
    overlap (int): Most wordpieces that neighbouring passages share.
    max_token_pieces (int): Most wordpieces of a token.
    max_batch_pieces (int): Most wordpieces, padding included, that the transformer reads at once.
    precision (str): In what the transformer computes on a CPU, when it annotates and when it learns: "float32",
        "bfloat16", or "auto" for bfloat16 where the processor is faster at it. Parameters are float32 in any case.
    lora (Optional[LoRA]): `spacy-mtl.LoRA.v1`: adapters that learn in its place; None if it learns itself.
    word_dropout (float): Probability in [0, 1) of hiding a word from the transformer while it learns: all its
        wordpieces become the mask. It does not follow `[training]`.
    RETURNS (Model[List[Doc], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    RAISES (ImportError): E411 if spacy-transformers is not installed.
    RAISES (ValueError): E409 for a wrong setting, E412 if the model holds no transformer of spacy-transformers.
    """
    require_transformers(NAME)
    check_setting(NAME, "learn_rate_factor", learn_rate_factor, learn_rate_factor >= 0, "0 or more")
    check_setting(NAME, "layer_decay", layer_decay, 0 < layer_decay <= 1, "above 0 and up to 1")
    check_setting(NAME, "frozen_steps", frozen_steps, frozen_steps >= 0, "0 or more updates")
    check_setting(NAME, "frozen_layers", frozen_layers, frozen_layers >= 0, "0 or more layers")
    check_setting(NAME, "max_token_pieces", max_token_pieces, max_token_pieces >= 1, "1 or more wordpieces")
    check_setting(NAME, "overlap", overlap, overlap >= 0, "0 or more wordpieces")
    expected = f"at least overlap + max_token_pieces, {overlap + max_token_pieces}"
    check_setting(NAME, "window", window, window >= overlap + max_token_pieces, expected)
    check_setting(NAME, "max_batch_pieces", max_batch_pieces, max_batch_pieces >= 1, "1 or more wordpieces")
    check_setting(NAME, "precision", precision, precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}")
    check_setting(NAME, "word_dropout", word_dropout, 0 <= word_dropout < 1, PROBABILITY)
    from .model import tune

    tuning = FineTuning(
        learn_rate_factor,
        layer_decay,
        frozen_steps,
        frozen_layers,
        freeze_embeddings,
        precision,
        lora,
        word_dropout,
    )
    tune(transformer, tuning)
    return Model(
        NAME,
        forward,
        init=init,
        layers=[transformer],
        dims={"nO": None},
        attrs={
            "window": window,
            "overlap": overlap,
            "max_token_pieces": max_token_pieces,
            "max_batch_pieces": max_batch_pieces,
        },
    )


def init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[TokenVectors] = None) -> None:
    """Load the weights and the tokenizer, and check them.

    model (Model): The encoder.
    X (Optional[List[Doc]]): Texts to check the tokenizer on.
    Y (Optional[List[Floats2d]]): Not used.
    RAISES (ImportError): E444 for adapters without peft.
    RAISES (ValueError): E409 for a window that the transformer has no positions for, or word dropout without a mask;
        E413 for mixed precision without a GPU, E414 if the transformer cannot be loaded, E415 if the tokenizer's
        pieces do not fall on the tokens.
    """
    from .model import check_alignment, count_positions, get_transformer, load_transformer

    load_transformer(model.layers[0])
    node = get_transformer(model.layers[0])
    longest, window = count_positions(node), model.attrs["window"]
    expected = f"at most {longest - 2}: the transformer '{node.attrs['name']}' reads {longest} wordpieces"
    check_setting(NAME, "window", window, window <= longest - 2, expected)
    shim = node.layers[0].shims[0]
    if shim.tuning.word_dropout:
        shim.get_hider()
    shim.prepare()
    # where the counts fall short, the end of a passage goes without vectors instead of beyond the last position
    node.tokenizer.model_max_length = longest
    model.set_dim("nO", node.get_dim("nO"))
    check_alignment(node, (texts for _, texts in read_passages(model, X or [], overlap=0)), LEAST_ALIGNED_SHARE)


def forward(model: Model, docs: List[Doc], is_train: bool) -> Tuple[TokenVectors, Callable]:
    """Encode Docs.

    model (Model): The encoder.
    docs (List[Doc]): The Docs.
    is_train (bool): Whether the vectors will be backpropagated.
    RETURNS (Tuple[List[Floats2d], Callable]): Vectors of shape (tokens, width) for each Doc, and a callback that takes
        their gradient.
    """
    vectors = [model.ops.alloc2f(len(doc), model.get_dim("nO")) for doc in docs]
    read: List[Tuple[List[Passage], Callable]] = []
    for batch, texts in read_passages(model, docs, model.attrs["overlap"]):
        encoded, backprop = model.layers[0](texts, is_train)
        for p, rows in zip(batch, encoded):
            if rows.size:
                vectors[p.doc][p.kept_start : p.kept_end] = rows[p.kept_start - p.start : p.kept_end - p.start]
        read.append((batch, backprop))

    def backprop_passages(d_vectors: TokenVectors) -> List[Doc]:
        for batch, backprop in read:
            d_encoded = []
            for p in batch:
                rows = model.ops.alloc2f(p.end - p.start, model.get_dim("nO"))
                rows[p.kept_start - p.start : p.kept_end - p.start] = d_vectors[p.doc][p.kept_start : p.kept_end]
                d_encoded.append(rows)
            backprop(d_encoded)
        return docs

    return vectors, backprop_passages


def read_passages(model: Model, docs: List[Doc], overlap: int) -> Iterator[Tuple[List[Passage], List[Doc]]]:
    """Cut Docs into what the transformer reads at once.

    model (Model): The encoder.
    docs (List[Doc]): The Docs.
    overlap (int): Most wordpieces that neighbouring passages share.
    YIELDS (Tuple[List[Passage], List[Doc]]): Passages, and the text of each.
    """
    from .model import get_transformer

    shim = get_transformer(model.layers[0]).layers[0].shims[0]
    counter = shim.get_counter()
    limit, window = model.attrs["max_token_pieces"], model.attrs["window"]
    pieces = [counter.count([token.text for token in doc]) for doc in docs]
    passages = [
        passage
        for i, of_doc in enumerate(pieces)
        for passage in cut_passages(i, numpy.minimum(of_doc, limit), window, overlap)
    ]
    for batch in batch_passages(passages, model.attrs["max_batch_pieces"], shim.is_packed):
        texts = {}
        for p in batch:
            text = make_passage_doc(docs[p.doc], p, pieces[p.doc], limit, counter)
            # spacy-transformers takes a Doc that comes twice for one
            text = text.copy() if id(text) in texts else text
            texts[id(text)] = text
        yield batch, list(texts.values())
