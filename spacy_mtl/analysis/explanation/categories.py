"""How sure `mtl_textcat` is of a category."""

from typing import Any, Callable, List, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.types import Floats1d, Floats2d

from ...pipeline.textcat.component import MultiTaskTextCategorizer
from .tasks import Finding, Measured, Task, find_categories


class Categories(Task):
    """The categories of a text. Of labels that exclude each other one is weighed against all others: z - log of the sum
    of exp(z) of the others, z being the logits divided by the temperature. Of others the logit is the log-odds.
    """

    def __init__(self, name: str, pipe: MultiTaskTextCategorizer, doc: Doc) -> None:
        """See `Task`."""
        self.pipe = pipe
        scores = pipe.predict([doc])
        pipe.set_annotations([doc], scores)
        shown = pipe.model.ops.to_numpy(scores)[0]
        self.findings = find_categories(name, pipe, doc, dict(zip(pipe.labels, shown.tolist())))

    def score(self, docs: List[Doc]) -> Tuple[Floats2d, Callable]:
        """RETURNS (Tuple[Floats2d, Callable]): The logits, shape (copies, labels), and the callback."""
        return self.pipe.model(docs, False)

    def list_rivals(self, finding: Finding) -> List[str]:
        """RETURNS (List[str]): The other labels."""
        return [label for label in self.pipe.labels if label != finding.label]

    def measure(self, finding: Finding, scores: Floats2d, copies: int, against: Optional[str]) -> Measured:
        """See `Task`. RETURNS (Measured): How sure."""
        ops, temperature = self.pipe.model.ops, self.pipe.temperature("categories")
        z = ops.to_numpy(scores).astype("float64") / temperature
        slopes = numpy.zeros_like(z)
        place = self.pipe.labels.index(finding.label)
        values, slopes[:, place] = z[:, place], 1.0
        if against is not None:
            other = self.pipe.labels.index(against)
            values, slopes[:, other] = values - z[:, other], -1.0
        elif self.pipe.exclusive:
            others = numpy.arange(z.shape[1]) != place
            top = z[:, others].max(axis=1, keepdims=True)
            powers = numpy.exp(z[:, others] - top)
            total = powers.sum(axis=1, keepdims=True)
            values = values - (top + numpy.log(total))[:, 0]
            slopes[:, others] = -powers / total

        def gradient(weights: Floats1d) -> Any:
            return ops.asarray2f((slopes * weights[:, None] / temperature).astype("f"))

        return Measured(values, gradient)
