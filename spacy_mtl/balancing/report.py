"""What is known of a batch besides its gradients."""

from typing import Mapping, NamedTuple


class BatchReport(NamedTuple):
    """The losses of one batch and what they were measured on, as far as the components tell.

    losses (Mapping[str, float]): By task, the loss of this batch, summed over its targets.
    targets (Mapping[str, float]): By task, the number of annotated targets behind the loss, such as texts, tokens, or
        pairs of predicate and token.
    """

    losses: Mapping[str, float] = {}
    targets: Mapping[str, float] = {}


NO_REPORT = BatchReport()
