"""Which labels a component's annotation has, and those that the component lacks, said once each."""

import warnings
from collections import Counter
from typing import Any, Callable, Collection, Iterable, Mapping, Optional, Sequence, Set
from typing import Counter as CounterType

from spacy.language import Language
from spacy.training import Example
from spacy.util import registry

from ..annotation import is_for
from ..errors import Warnings

LABELS_SHOWN = 20

GoldLabels = Callable[[Example], Optional[Iterable[str]]]
"""The labels that an Example is annotated with for a component, each as often as it occurs; None if it is not."""

Claims = Mapping[str, Optional[Collection[str]]]
"""Component to the labels that are its own by the config; None for all that there are."""


class Survey:
    """What a corpus has for a component.

    labels (Counter[str]): How often each label occurs in what is for the component.
    elsewhere (Set[str]): Labels in what is for other components alone.
    examples (int): The number of Examples, those for others included.
    annotated (int): How many of them are annotated for the component.
    """

    def __init__(self, name: str, read: GoldLabels, claimed: Optional[Claims] = None) -> None:
        """Begin a survey.

        name (str): The name of the component.
        read (GoldLabels): Reads an Example's labels.
        claimed (Optional[Claims]): Labels that are other components', where an Example is for them too.
        """
        self.labels: CounterType[str] = Counter()
        self.elsewhere: Set[str] = set()
        self.examples = self.annotated = 0
        self._name = name
        self._read = read
        self._claimed = claimed or {}

    def add(self, example: Example) -> None:
        """Count an Example's labels.

        example (Example): The Example, as it comes from the reader.
        """
        self.examples += 1
        found = self._read(example)
        if found is None:
            return
        if not is_for(example, self._name):
            self.elsewhere.update(found)
            return
        self.annotated += 1
        claims = [labels for other, labels in self._claimed.items() if is_for(example, other)]
        for label in found:
            if any(labels is None or label in labels for labels in claims):
                self.elsewhere.add(label)
            else:
                self.labels[label] += 1


def survey_labels(examples: Iterable[Example], name: str, read: GoldLabels, claimed: Optional[Claims] = None) -> Survey:
    """Count the labels of a corpus.

    examples (Iterable[Example]): The Examples, as they come from the reader.
    name (str): The name of the component.
    read (GoldLabels): Reads an Example's labels.
    claimed (Optional[Claims]): Labels that are other components', where an Example is for them too.
    RETURNS (Survey): What was found.
    """
    survey = Survey(name, read, claimed)
    for example in examples:
        survey.add(example)
    return survey


def planned_labels(nlp: Language, name: str, blocks: Optional[Mapping[str, Any]] = None) -> Optional[Sequence[str]]:
    """The labels that a component is to have by [initialize.components].

    nlp (Language): The pipeline.
    name (str): The name of the component.
    blocks (Optional[Mapping[str, Any]]): The blocks of [initialize.components]; None for those of the pipeline's
        config, which must have no variables.
    RETURNS (Optional[Sequence[str]]): The labels; None if the config does not say.
    """
    blocks = nlp.config["initialize"]["components"] if blocks is None else blocks
    planned = blocks.get(name, {}).get("labels")
    return registry.resolve({"labels": planned})["labels"] if isinstance(planned, dict) else planned


class UnknownLabels:
    """Remembers which labels a warning has named."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        """Start to remember.

        named (Iterable[str]): Labels of which nothing is to be said: another component has them, say.
        """
        self._named = set(named)

    def warn(self, name: str, known: Sequence[str], counts: Mapping[str, int], where: str) -> None:
        """Warn with W202 of the labels that the component does not have. None of them is named again.

        name (str): The name of the component.
        known (Sequence[str]): Its labels.
        counts (Mapping[str, int]): How often each label of the annotation occurs.
        where (str): In what, for the message.
        """
        unknown = {label: count for label, count in counts.items() if label not in known and label not in self._named}
        if not unknown:
            return
        self._named.update(unknown)
        shown = [f"{label} ({unknown[label]})" for label in sorted(unknown, key=lambda one: (-unknown[one], str(one)))]
        listed = ", ".join(shown[:LABELS_SHOWN]) + (" ..." if len(shown) > LABELS_SHOWN else "")
        message = Warnings.W202.format(name=name, where=where, unknown=listed, known=", ".join(known[:LABELS_SHOWN]))
        warnings.warn(message, stacklevel=4)
