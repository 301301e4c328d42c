"""Tasks that are there for the encoder's sake: trained with the others, and left out of what is saved."""

from typing import Dict, List

from spacy.language import Language

from ...errors import Errors
from .dependencies import find_dependencies, is_encoder
from .extraction import extract


class WithoutScaffold:
    """What `[training] before_to_disk` does with a pipeline: saves it without its scaffold.

    A scaffold is a task that nobody asks the trained pipeline for, such as tags and trees beside semantic roles. It
    shapes the shared encoder in training, and costs nothing afterwards. (Swayamdipta et al. 2018, "Syntactic Scaffolds
    for Semantic Structures".)
    """

    def __init__(self, components: List[str]) -> None:
        """components (List[str]): The names of the scaffold's components."""
        self.components = list(components)

    def check(self, nlp: Language) -> None:
        """Refuse a scaffold that the rest of the pipeline needs. `nlp.initialize` asks, before anything is trained.

        nlp (Language): The pipeline with its scaffold.
        RAISES (ValueError): E733 for a name that is no component, or an encoder's; E734 if no head is left; E735 if
            another component needs one of these to predict what it predicts; E736 if one of its scores has a weight.
        """
        encoders = [name for name, pipe in nlp.components if is_encoder(pipe)]
        could_be = [name for name in nlp.component_names if name not in encoders]
        for name in self.components:
            if name not in could_be:
                raise ValueError(Errors.E733.format(found=name, expected=", ".join(could_be)))
        left = self._find_left(nlp)
        if not left:
            raise ValueError(Errors.E734.format(found=", ".join(self.components)))
        self._check_needs(nlp, left)
        weights = nlp.config["training"]["score_weights"]
        saved = _find_scores(nlp, left)
        for score, name in _find_scores(nlp, self.components).items():
            if weights.get(score) and score not in saved:
                raise ValueError(Errors.E736.format(score=score, name=name))

    def __call__(self, nlp: Language) -> Language:
        """Take the scaffold out of a copy.

        nlp (Language): The pipeline. It is left as it is.
        RETURNS (Language): A pipeline that predicts the same, without the scaffold, and with the same components
            disabled.
        RAISES (ValueError): E735, as `check`.
        """
        left = self._find_left(nlp)
        self._check_needs(nlp, left)
        saved = extract(nlp, left)
        saved.config["training"]["before_to_disk"] = None
        for name in nlp.disabled:
            if name in saved.component_names:
                saved.disable_pipe(name)
        return saved

    def _check_needs(self, nlp: Language, left: List[str]) -> None:
        needed = find_dependencies(nlp, left)
        for name in self.components:
            if name in needed:
                raise ValueError(Errors.E735.format(found=name, others=", ".join(needed[name])))

    def _find_left(self, nlp: Language) -> List[str]:
        return [name for name, pipe in nlp.components if name not in self.components and not is_encoder(pipe)]


def make_without_scaffold(components: List[str]) -> WithoutScaffold:
    """Train with a scaffold: `[training.before_to_disk] @callbacks = "spacy-mtl.without_scaffold.v1"`.

    components (List[str]): The names of the components that are trained and not saved. They come last in the pipeline,
        so that no other builds on what they set.
    RETURNS (Callable[[Language], Language]): The callback.
    """
    return WithoutScaffold(components)


def _find_scores(nlp: Language, names: List[str]) -> Dict[str, str]:
    return {score: name for name in names for score in nlp.get_pipe_meta(name).default_score_weights or ()}
