"""The model of mtl_translate: a Transformer decoder that reads the vectors of an encoder."""

from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.tokens import Doc
from thinc.api import ArgsKwargs, Model, torch2xp, xp2torch
from thinc.types import Floats1d

from ...encoders.torch_layer import TorchShim, require_torch
from ...heads.translation.subwords import PADDING
from ...setting_checks import check_setting, check_size, set_input_width
from ...types import TokenVectors
from .spelling import Spelling, pad_spellings, spell_docs

NAME = "spacy-mtl.TransformerDecoder.v1"


class TranslationInput(NamedTuple):
    """A batch of Docs with their translations.

    docs (List[Doc]): The Docs.
    targets (List[List[int]]): The subwords of each translation, between its marks; empty for a Doc without.
    """

    docs: List[Doc]
    targets: List[List[int]]


class DecoderInput(NamedTuple):
    """What the decoder reads.

    vectors (TokenVectors): The vectors of each Doc's tokens, shape (tokens, width).
    targets (List[List[int]]): The subwords of each translation; empty where there is none to learn from.
    spellings (Optional[List[Spelling]]): What can be copied of each Doc; None for nothing.
    """

    vectors: TokenVectors
    targets: List[List[int]]
    spellings: Optional[List[Spelling]] = None


def build_transformer_decoder(
    tok2vec: Model[List[Doc], TokenVectors],
    width: int = 128,
    depth: int = 3,
    heads: int = 4,
    feed_forward_width: Optional[int] = None,
    dropout: float = 0.3,
    label_smoothing: float = 0.1,
    copy: bool = False,
) -> Model[TranslationInput, Floats1d]:
    """Build the model of `mtl_translate`: a Transformer decoder (Vaswani et al. 2017) over the vectors of tokens.

    With X the subwords so far and S the normalized vectors of the source, a layer computes
        X' = X + attention(LN(X), LN(X)); X'' = X' + attention(LN(X'), S); X''' = X'' + feed_forward(LN(X''))
    (LN before the sublayers: Xiong et al. 2020), feed_forward(X) = relu(X A + a) B + b. The scores of the next subword
    are LN(X''') E^T + e with E the embeddings of the subwords (Press and Wolf 2017).

    With `copy` the next subword is y with probability (1 - g) p(y) + g c(y) (See et al. 2017): p are the probabilities
    by these scores, c attends to the words of the source in subwords, and g is a logistic function of LN(X''').

    tok2vec (Model[List[Doc], TokenVectors]): The encoder, or a listener to a shared one.
    width (int): Width of the decoder, an even multiple of its heads; the encoder's may be another.
    depth (int): Number of layers.
    heads (int): Attention heads.
    feed_forward_width (Optional[int]): Width of the hidden layer between A and B; four times the width if None.
    dropout (float): Probability in [0, 1), in training. It does not follow `[training]`.
    label_smoothing (float): The share in [0, 1) of the target that is spread over all subwords (Szegedy et al. 2016).
    copy (bool): Whether words of the source can be copied, such as names and numbers.
    RETURNS (Model[TranslationInput, Floats1d]): The loss of each Doc, shape (docs,): the cross-entropy of its
        translation, summed over the subwords; 0 for a Doc without. It takes Docs alone as well, as spaCy's tools expect
        of every model.
    RAISES (ImportError): E408 if torch is not installed.
    RAISES (ValueError): E409 for a wrong setting.
    """
    require_torch(NAME)
    hidden = 4 * width if feed_forward_width is None else feed_forward_width
    check_size(NAME, "heads", heads)
    check_setting(NAME, "width", width, width > 0 and width % (2 * heads) == 0, f"a multiple of {2 * heads}")
    check_size(NAME, "depth", depth)
    check_size(NAME, "feed_forward_width", hidden)
    expected = "a share from 0 to below 1"
    check_setting(NAME, "dropout", dropout, 0 <= dropout < 1, expected)
    check_setting(NAME, "label_smoothing", label_smoothing, 0 <= label_smoothing < 1, expected)
    from ...heads.translation.decoder import Decoder

    decoder: Model[DecoderInput, Floats1d] = Model(
        NAME,
        _decode,
        init=_init_decoder,
        dims={"nI": None, "nO": None},
        # the bytes of the subwords' model
        attrs={"subwords": b"", "copies": copy},
        shims=[TorchShim(Decoder(width, depth, heads, hidden, dropout, label_smoothing, copy))],
    )
    return Model(
        "translation",
        _forward,
        init=_init,
        layers=[tok2vec, decoder],
        refs={"tok2vec": tok2vec, "decoder": decoder, "output_layer": decoder},
    )


def _init(model: Model, X: Optional[List[Doc]] = None, Y: Optional[Floats1d] = None) -> None:
    tok2vec, decoder = model.get_ref("tok2vec"), model.get_ref("decoder")
    tok2vec.initialize(X=X)
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else tok2vec.predict(X)[0].shape[1]
    set_input_width(decoder, width)
    decoder.initialize()


def _init_decoder(model: Model, X: Optional[DecoderInput] = None, Y: Optional[Floats1d] = None) -> None:
    model.shims[0]._model.shape(model.get_dim("nO"), model.get_dim("nI"))


def _forward(model: Model, inputs: Union[TranslationInput, Sequence[Doc]], is_train: bool) -> Tuple[Floats1d, Callable]:
    if not isinstance(inputs, TranslationInput):
        docs = list(inputs)
        inputs = TranslationInput(docs, [[] for _ in docs])
    vectors, backprop_tok2vec = model.get_ref("tok2vec")(inputs.docs, is_train)
    decoder = model.get_ref("decoder")
    spellings = spell_docs(decoder, inputs.docs)
    losses, backprop_decoder = decoder(DecoderInput(vectors, inputs.targets, spellings), is_train)

    def backprop(d_losses: Floats1d) -> List[Doc]:
        return backprop_tok2vec(backprop_decoder(d_losses))

    return losses, backprop


def _decode(model: Model, inputs: DecoderInput, is_train: bool) -> Tuple[Floats1d, Callable]:
    import torch

    ops, shim = model.ops, model.shims[0]
    chosen = [i for i, target in enumerate(inputs.targets) if target]
    losses = ops.alloc1f(len(inputs.targets))
    sizes = [len(of_doc) for of_doc in inputs.vectors]
    d_vectors = ops.unflatten(ops.alloc2f(sum(sizes), model.get_dim("nI")), sizes)
    if not chosen:
        return losses, lambda d_losses: d_vectors
    own = [inputs.vectors[i] for i in chosen]
    lengths = [len(of_doc) for of_doc in own]
    tokens = xp2torch(ops.flatten(own), requires_grad=is_train, device=shim.device)  # [tokens, width]
    targets = [torch.tensor(inputs.targets[i]) for i in chosen]
    padded = torch.nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=PADDING).to(shim.device)
    spelling = pad_spellings([inputs.spellings[i] for i in chosen], shim.device) if inputs.spellings else None
    found, backprop_module = shim(ArgsKwargs(args=(tokens, lengths, padded, spelling), kwargs={}), is_train)
    losses[chosen] = torch2xp(found)

    def backprop(d_losses: Floats1d) -> TokenVectors:
        d_found = xp2torch(d_losses[chosen], device=shim.device)
        d_inputs = backprop_module(ArgsKwargs(args=((found,),), kwargs={"grad_tensors": (d_found,)}))
        d_own = ops.unflatten(torch2xp(d_inputs.args[0]), lengths)
        for i, d_of_doc in zip(chosen, d_own):
            d_vectors[i] = d_of_doc
        return d_vectors

    return losses, backprop
