"""A transformer encoder for training from scratch."""

from typing import List, Optional

from thinc.api import Model
from thinc.types import Floats2d

from ..setting_checks import check_setting
from .torch_layer import require_torch, wrap_token_module

NAME = "spacy-mtl.TransformerEncoder.v1"
POSITIONS = ("sinusoidal", "learned", "rotary")


def build_transformer_encoder(
    width: int,
    depth: int = 4,
    heads: int = 4,
    feed_forward_width: Optional[int] = None,
    dropout: float = 0.1,
    position: str = "sinusoidal",
    pre_norm: bool = True,
    window: int = 256,
    overlap: int = 128,
) -> Model[List[Floats2d], List[Floats2d]]:
    """Build an encoder of self-attention and feed-forward layers (Vaswani et al. 2017), trained with the pipeline.

    With X the vectors of a window, d the width of a head and LN LayerNorm, a layer computes
        head_j = softmax(X Q_j (X K_j)^T / sqrt(d)) X V_j
        attention(X) = [head_1, ..., head_h] O + o
        feed_forward(X) = gelu(X A + a) B + b
        pre_norm: X' = X + attention(LN(X)); X'' = X' + feed_forward(LN(X')), and LN of the last layer's X'' at the end
        else: X' = LN(X + attention(X)); X'' = LN(X' + feed_forward(X')).
    Q, K and V have biases too. (gelu: Hendrycks and Gimpel 2016; LN before the sublayers: Xiong et al. 2020.) Dropout
    acts on the sublayers' outputs and on the sum of input and position, as in Vaswani et al.

    A token attends to no more than one window: a Doc of more than `window` tokens is read in windows that overlap, and
    each of its tokens takes its vector from the window in which it is most central. So time and memory grow with the
    length of a Doc and not with its square, and positions never go beyond `window`. Docs do not see one another: a
    Doc's vectors do not depend on the batch it is in.

    width (int): Width of the vectors, in and out.
    depth (int): Number of layers.
    heads (int): Attention heads; they divide the width.
    feed_forward_width (Optional[int]): Width of the hidden layer between A and B; four times the width if None.
    dropout (float): Probability in [0, 1), in training. It does not follow `[training]`.
    position (str): "sinusoidal": sines and cosines added to the input (Vaswani et al. 2017), for an even width;
        "learned": a trained vector for each place in the window, added to the input; "rotary": queries and keys turned
        by their position (Su et al. 2021), for heads of even width.
    pre_norm (bool): Whether LayerNorm comes before a sublayer instead of after the residual sum.
    window (int): Most tokens that attend to one another.
    overlap (int): Least tokens that neighbouring windows of a Doc share, from 0 to less than `window`.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    RAISES (ImportError): E408 if torch is not installed.
    RAISES (ValueError): E409 for a wrong setting.
    """
    require_torch(NAME)
    hidden = 4 * width if feed_forward_width is None else feed_forward_width
    known = " or ".join(repr(name) for name in POSITIONS)
    check_setting(NAME, "position", position, position in POSITIONS, known)
    check_setting(NAME, "width", width, width >= 1, "1 or more")
    check_setting(NAME, "depth", depth, depth >= 1, "1 or more layers")
    check_setting(NAME, "heads", heads, heads >= 1 and width % heads == 0, f"a divisor of the width, {width}")
    check_setting(NAME, "feed_forward_width", hidden, hidden >= 1, "1 or more, or null for four times the width")
    check_setting(NAME, "dropout", dropout, 0 <= dropout < 1, "a probability from 0 to below 1")
    check_setting(NAME, "window", window, window >= 1, "1 or more tokens")
    check_setting(NAME, "overlap", overlap, 0 <= overlap < window, f"0 or more tokens and less than window, {window}")
    if position == "sinusoidal":
        check_setting(NAME, "width", width, width % 2 == 0, "an even number, for position = 'sinusoidal'")
    if position == "rotary":
        expected = f"a multiple of twice the heads, {2 * heads}, for position = 'rotary'"
        check_setting(NAME, "width", width, width % (2 * heads) == 0, expected)
    from .transformer_layers import Transformer

    module = Transformer(width, depth, heads, hidden, dropout, position, pre_norm, window, overlap)
    return wrap_token_module(NAME, module, width)
