"""The model of mtl_ner: vectors to the scores of a linear-chain CRF."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.tokens import Doc
from thinc.api import Dropout, Linear, Maxout, Model, chain, glorot_uniform_init, list2ragged, to_numpy, with_array
from thinc.layers.chain import init as init_layers
from thinc.types import Floats2d, Ragged

from ...errors import Errors
from ...setting_checks import check_size
from ..crf.chain import TagScores

NAME = "spacy-mtl.CRFTagger.v1"


def build_crf_tagger(
    tok2vec: Model[List[Doc], List[Floats2d]],
    hidden_width: int = 0,
    hidden_pieces: int = 2,
    nO: Optional[int] = None,
) -> Model[List[Doc], TagScores]:
    """Build a tagger that scores tag sequences: a linear layer for the tags of each token, and a table of transitions
    between tags. The training's dropout applies to the vectors, and to the hidden layer if there is one.

    tok2vec (Model[List[Doc], List[Floats2d]]): The token-to-vector subnetwork.
    hidden_width (int): Width of a maxout layer between vectors and tags; 0 for none.
    hidden_pieces (int): Pieces of the maxout layer.
    nO (Optional[int]): The number of tags. Inferred from the labels if None.
    RETURNS (Model[List[Doc], TagScores]): The model.
    RAISES (ValueError): E409 for a size that is too small.
    """
    check_size(NAME, "hidden_width", hidden_width, least=0, otherwise=" (0 for no hidden layer)")
    check_size(NAME, "hidden_pieces", hidden_pieces)
    check_size(NAME, "nO", nO, otherwise=", or null")
    width = tok2vec.maybe_get_dim("nO")
    output_layer: Model[Floats2d, Floats2d] = Linear(nO, hidden_width or width, init_W=glorot_uniform_init)
    layers: List[Model[Floats2d, Floats2d]] = [Dropout(), output_layer]
    if hidden_width:
        layers.insert(1, Maxout(hidden_width, width, nP=hidden_pieces, normalize=True, dropout=0.0))
    transitions = tag_transitions(nO)
    model: Model[List[Doc], TagScores] = chain(tok2vec, list2ragged(), with_array(chain(*layers)), transitions)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output_layer)
    model.set_ref("transitions", transitions)
    model.init = init
    return model


def init(model: Model[List[Doc], TagScores], X: Optional[List[Doc]] = None, Y: Optional[List[Any]] = None) -> None:
    """Set the number of tags from the width of Y, then initialize the layers one by one.

    model (Model[List[Doc], TagScores]): The model.
    X (Optional[List[Doc]]): Sample texts.
    Y (Optional[List[Any]]): For each sample, an array of shape (tokens, tags).
    RAISES (ValueError): E202 if the model was made for another number of tags.
    """
    if Y:
        n_tags = Y[0].shape[1]
        for node in (model, model.get_ref("output_layer"), model.get_ref("transitions")):
            if node.has_dim("nO") and node.get_dim("nO") != n_tags:
                raise ValueError(Errors.E202.format(found=node.get_dim("nO"), expected=n_tags))
            node.set_dim("nO", n_tags)
    init_layers(model, X=X)


def tag_transitions(nO: Optional[int] = None) -> Model[Ragged, TagScores]:
    """Build a layer that adds to the scores of single tags the scores of transitions between them, of starting and of
    ending with a tag. They are parameters, zero at first.

    nO (Optional[int]): The number of tags.
    RETURNS (Model[Ragged, TagScores]): The layer.
    """
    return Model(
        "tag_transitions",
        forward,
        init=init_transitions,
        dims={"nO": nO},
        params={"transitions": None, "start": None, "end": None},
    )


def forward(model: Model[Ragged, TagScores], X: Ragged, is_train: bool) -> Tuple[TagScores, Callable]:
    def backprop(d_scores: TagScores) -> Ragged:
        model.inc_grad("transitions", d_scores.transitions)
        model.inc_grad("start", d_scores.start)
        model.inc_grad("end", d_scores.end)
        return Ragged(d_scores.emissions, X.lengths)

    scores = TagScores(
        emissions=X.data,
        lengths=to_numpy(X.lengths),
        transitions=model.get_param("transitions"),
        start=model.get_param("start"),
        end=model.get_param("end"),
    )
    return scores, backprop


def init_transitions(
    model: Model[Ragged, TagScores], X: Optional[Ragged] = None, Y: Optional[TagScores] = None
) -> None:
    n_tags = model.get_dim("nO")
    model.set_param("transitions", model.ops.alloc2f(n_tags, n_tags))
    model.set_param("start", model.ops.alloc1f(n_tags))
    model.set_param("end", model.ops.alloc1f(n_tags))
