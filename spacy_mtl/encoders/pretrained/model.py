"""A pretrained transformer within a thinc model: loaded with advice."""

from typing import Iterable, List, Tuple

import numpy
from spacy.tokens import Doc
from spacy_transformers.layers.hf_shim import HFShim
from spacy_transformers.layers.transformer_model import TransformerModel
from thinc.api import Model

from ...errors import Errors
from .fine_tuning import FineTunedShim
from .precision import check_precision
from .tokenizer import first_line
from .tuning import FineTuning


def tune(model: Model, tuning: FineTuning) -> None:
    """Let the transformer of a model be trained in another way. Changes the model.

    model (Model): A model with a layer of spacy-transformers in it.
    tuning (FineTuning): How.
    RAISES (ValueError): E412 if there is none.
    """
    node = get_transformer(model).layers[0]
    node.shims[0] = FineTunedShim(node.shims[0], tuning)


class CopiedTransformer(Model):
    """What a layer of spacy-transformers is in a copy of a model: thinc makes plain Models of a copy's layers."""

    # only a class without slots of its own can be given to a Model
    __slots__ = ()

    tokenizer = TransformerModel.tokenizer
    transformer = TransformerModel.transformer
    _init_tokenizer_config = TransformerModel._init_tokenizer_config
    _init_transformer_config = TransformerModel._init_transformer_config


def get_transformer(model: Model) -> TransformerModel:
    """The layer of a model that holds the transformer.

    model (Model): The model.
    RETURNS (TransformerModel): The layer.
    RAISES (ValueError): E412 if there is none.
    """
    for node in model.walk():
        if node.shims and isinstance(node.shims[0], HFShim):
            continue
        if node.layers and node.layers[0].shims and isinstance(node.layers[0].shims[0], HFShim):
            if not isinstance(node, TransformerModel):
                node.__class__ = CopiedTransformer
            return node
    raise ValueError(Errors.E412.format(name=model.name))


def load_transformer(model: Model) -> None:
    """Load the weights and the tokenizer, unless they are loaded already.

    model (Model): A model with a layer of spacy-transformers in it.
    RAISES (ValueError): E413 for mixed precision without a GPU, E414 if the model cannot be loaded.
    """
    node = get_transformer(model)
    check_precision(node.layers[0].shims[0])
    try:
        model.initialize()
    # the libraries that read the files have errors of their own
    except Exception as error:
        raise ValueError(Errors.E414.format(name=node.attrs["name"], reason=first_line(error))) from error


def count_positions(model: Model) -> int:
    """Count the wordpieces that a transformer can read at once.

    model (Model): A model with a layer of spacy-transformers in it, loaded.
    RETURNS (int): Most wordpieces, with the special ones.
    """
    node = get_transformer(model)
    positions = getattr(node.transformer.config, "max_position_embeddings", None) or 10**6
    for name, part in node.transformer.named_modules():
        # RoBERTa and its like number positions from the place after the padding's
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            positions = part.num_embeddings - part.padding_idx - 1
    return int(min(node.tokenizer.model_max_length, positions))


def check_alignment(model: Model, batches: Iterable[List[Doc]], least_share: float) -> None:
    """Check that a tokenizer's pieces fall on the tokens.

    model (Model): A model with a layer of spacy-transformers in it, loaded.
    batches (Iterable[List[Doc]]): Texts that it can read.
    least_share (float): Of the tokens that are no white space, the share that must have wordpieces.
    RAISES (ValueError): E415 if fewer have.
    """
    node = get_transformer(model)
    words: List[Tuple[str, int]] = []
    for docs in batches:
        tokens = [token.text for doc in docs for token in doc]
        lengths = numpy.asarray(node.predict(docs).align.lengths).tolist()
        if len(lengths) == len(tokens):
            words.extend((text, length) for text, length in zip(tokens, lengths) if not text.isspace())
    missing = [word for word, length in words if not length]
    if len(missing) > (1 - least_share) * len(words):
        examples = ", ".join(repr(word) for word in list(dict.fromkeys(missing))[:5])
        raise ValueError(
            Errors.E415.format(name=node.attrs["name"], found=len(missing), total=len(words), examples=examples)
        )
