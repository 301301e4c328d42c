"""Recurrent encoders: simple, LSTM and GRU networks."""

from typing import List

from thinc.api import Model
from thinc.types import Floats2d

from ..setting_checks import check_setting
from .torch_layer import require_torch, wrap_token_module

NAME = "spacy-mtl.RNNEncoder.v1"
CELLS = ("rnn", "lstm", "gru")


def build_rnn_encoder(
    width: int,
    depth: int = 2,
    cell: str = "lstm",
    bidirectional: bool = True,
    dropout: float = 0.2,
    residual: bool = True,
) -> Model[List[Floats2d], List[Floats2d]]:
    """Build an encoder that reads every Doc token by token, each layer over the states of the one below.

    With x_t the vector of token t, s the logistic function and * the product by element, a cell computes
    "rnn" (Elman 1990): h_t = tanh(W x_t + U h_{t-1} + b).
    "lstm" (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
        i_t, f_t, o_t = s(W_i x_t + U_i h_{t-1} + b_i), likewise with W_f and W_o
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t).
    "gru" (Cho et al. 2014, as cuDNN and torch compute it):
        r_t, z_t = s(W_r x_t + U_r h_{t-1} + b_r), likewise with W_z
        n_t = tanh(W_n x_t + b_n + r_t * (U_n h_{t-1} + c_n))
        h_t = (1 - z_t) * n_t + z_t * h_{t-1}.
    States before the first token are zero. Of a bidirectional layer one half of the width reads from the left, the
    other from the right (Schuster and Paliwal 1997). Sequences are packed or, for an LSTM on a CPU, padded in groups of
    like length; a Doc's vectors do not depend on the batch it is in. Time grows with the length of a Doc, and there is
    no limit to it.

    width (int): Width of the vectors, in and out; even for a bidirectional encoder.
    depth (int): Number of layers.
    cell (str): "rnn", "lstm" or "gru".
    bidirectional (bool): Whether to read from both sides.
    dropout (float): Probability in [0, 1) of dropping an output of a layer in training. It does not follow
        `[training]`.
    residual (bool): Whether a layer gives LayerNorm(x + dropout(h)) instead of dropout(h). (He et al. 2016; Ba et al.
        2016.)
    RETURNS (Model[List[Floats2d], List[Floats2d]]): Vectors of shape (tokens, width) for each Doc.
    RAISES (ImportError): E408 if torch is not installed.
    RAISES (ValueError): E409 for a wrong setting.
    """
    require_torch(NAME)
    check_setting(NAME, "cell", cell, cell in CELLS, " or ".join(repr(known) for known in CELLS))
    check_setting(NAME, "depth", depth, depth >= 1, "1 or more layers")
    check_setting(NAME, "dropout", dropout, 0 <= dropout < 1, "a probability from 0 to below 1")
    check_setting(NAME, "width", width, width >= 1, "1 or more")
    if bidirectional:
        check_setting(NAME, "width", width, width % 2 == 0, "an even number, for bidirectional = true")
    from .recurrent_layers import RecurrentStack

    return wrap_token_module(NAME, RecurrentStack(width, depth, cell, bidirectional, dropout, residual), width)
