"""The fields of a JSON object with annotation, under the names that spaCy, Prodigy and doccano give them."""

import json
from collections import Counter
from typing import Any, Dict, List, Optional, Tuple

from ....errors import Errors
from ..docs import TextSpan

ANSWERS = ("accept", "reject", "ignore")
_SPANS = ("spans", "entities", "ents")
_LABELS = ("label", "labels")
_TRANSLATIONS = "translations"
_VOTES = "votes"
_ANNOTATION = (*_LABELS, "cats", _VOTES, "accept", *_SPANS, _TRANSLATIONS)
_BOUNDS = (("start", "end"), ("start_offset", "end_offset"))
_UNREAD = ("relations",)
# which Prodigy shows for spans, and those of them where all spans are marked
_SPAN_VIEWS = ("ner", "spans", "relations")
_MANUAL_VIEWS = ("ner_manual", "spans_manual")
_SHOWN = 40


class Fields:
    """The fields of one object."""

    def __init__(self, place: str, values: Dict[str, Any], *, lists_of_spans: bool = False) -> None:
        """Take the fields of an object.

        place (str): File, line and id, for messages.
        values (Dict[str, Any]): The fields; one that is null counts as absent.
        lists_of_spans (bool): Whether an empty list of labels means no entities, and not no categories.
        """
        self.place = place
        self.values = {name: value for name, value in values.items() if value is not None}
        self.lists_of_spans = lists_of_spans

    def is_answered(self) -> bool:
        """RETURNS (bool): Whether the object is to be used: accepted, or rejected in a question about one label."""
        answer = self.values.get("answer", "accept")
        if answer not in ANSWERS:
            raise ValueError(self._wrong("answer", f"one of {', '.join(ANSWERS)}", answer))
        return answer == "accept" or (answer == "reject" and self._asks_about_label())

    def is_complete(self) -> bool:
        """RETURNS (bool): Whether tokens outside of the entities are in none; else nothing is known about them."""
        return not ("answer" in self.values and (self._view() == "ner" or self.values.get("_is_binary") is True))

    def has_annotation(self) -> bool:
        """RETURNS (bool): Whether there is a field with annotation, even if it says nothing."""
        return any(name in self.values for name in _ANNOTATION)

    def list_unread(self) -> List[str]:
        """RETURNS (List[str]): Fields with annotation of a kind that is not read, such as relations."""
        groups = [name for name in _SPANS if isinstance(self.values.get(name), dict) and self.values[name]]
        return groups + [name for name in _UNREAD if self.values.get(name)]

    def get_text(self) -> str:
        """RETURNS (str): The text, or the tokens joined by blanks."""
        text = self.values.get("text")
        if text is None:
            text = " ".join(self.get_words("") or ())
        if not isinstance(text, str):
            raise ValueError(self._wrong("text", "a string", text))
        if not text.strip():
            raise ValueError(Errors.E140.format(place=self.place, expected="a 'text' or 'tokens'", found="neither"))
        return text

    def get_words(self, text: str) -> Optional[List[str]]:
        """The tokens.

        text (str): The text, for tokens that are given by their offsets.
        RETURNS (Optional[List[str]]): The words; None if the object does not tell them.
        """
        if "tokens" not in self.values:
            return None
        words = []
        for token in self._get_list("tokens"):
            word = token.get("text") if isinstance(token, dict) else token
            if isinstance(token, dict) and word is None:
                start, end = token.get("start"), token.get("end")
                if type(start) is int and type(end) is int and 0 <= start < end <= len(text):
                    word = text[start:end]
            if not isinstance(word, str) or not word:
                raise ValueError(self._wrong("tokens", "a list of words", token))
            words.append(word)
        return words

    def get_categories(self) -> Tuple[Optional[List[str]], Dict[str, float]]:
        """RETURNS (Tuple[Optional[List[str]], Dict[str, float]]): The labels that hold, if all others of the corpus do
        not; and labels with their values.
        """
        values = self._get_values()
        if "accept" in self.values:
            chosen = [self._to_label("accept", label) for label in self._get_list("accept")]
            if "options" not in self.values:
                return chosen, values
            options = [self._to_option(option) for option in self._get_list("options")]
            if not set(chosen) <= set(options):
                raise ValueError(self._wrong("accept", f"among the options {', '.join(options)}", chosen))
            return None, {**{option: float(option in chosen) for option in options}, **values}
        name = next((name for name in reversed(_LABELS) if name in self.values), None)
        # where spans are asked about, it is the label of the span
        if name is None or self._lists_spans(name) or self._view().startswith(_SPAN_VIEWS):
            return None, values
        labels = self.values[name]
        if name == "labels" or isinstance(labels, list):
            return [self._to_label(name, label) for label in self._get_list(name)], values
        if self._asks_about_label():
            return None, {**values, self._to_label(name, labels): float(self.values["answer"] == "accept")}
        return [self._to_label(name, labels)], values

    def get_spans(self) -> Optional[List[TextSpan]]:
        """RETURNS (Optional[List[TextSpan]]): The entities; None if the object does not tell them."""
        names = [name for name in _SPANS if name in self.values]
        # Doc.to_json has span groups under this name
        names = [name for name in names if name == names[-1] or not isinstance(self.values[name], dict)]
        for other in names[1:]:
            if self.values[other] != self.values[names[0]]:
                raise ValueError(self._wrong(other, f"the same as '{names[0]}', or missing", self.values[other]))
        name = names[0] if names else None
        if name is None and self._view() in _MANUAL_VIEWS:
            return []
        name = name or next((name for name in _LABELS if name in self.values and self._lists_spans(name)), None)
        if name is None:
            return None
        return list(dict.fromkeys(self._to_span(name, span) for span in self._get_list(name)))

    def get_translations(self) -> Optional[Dict[str, str]]:
        """RETURNS (Optional[Dict[str, str]]): The translations by language, without those that are null; None if the
        object does not tell them."""
        texts = self.values.get(_TRANSLATIONS)
        if texts is None:
            return None
        if not (isinstance(texts, dict) and all(text is None or isinstance(text, str) for text in texts.values())):
            raise ValueError(self._wrong(_TRANSLATIONS, "an object with a text for each language", texts))
        return {language: text for language, text in texts.items() if language and text is not None}

    def refuse_unannotated(self) -> str:
        """RETURNS (str): The message for an object without annotation."""
        expected = "one of the fields " + ", ".join(f"'{name}'" for name in _ANNOTATION)
        found = "the fields " + ", ".join(f"'{shorten(name)}'" for name in self.values)
        return Errors.E140.format(place=self.place, expected=expected, found=found)

    def _view(self) -> str:
        """The view of Prodigy that the object comes from; "" if it does not say."""
        view = self.values.get("_view_id")
        return view if isinstance(view, str) and "answer" in self.values else ""

    def _asks_about_label(self) -> bool:
        """Whether the answer is one to a question about a single label, which stands in "label"."""
        asked = self._view() == "classification"
        return asked and isinstance(self.values.get("label"), (str, int)) and "labels" not in self.values

    def _lists_spans(self, name: str) -> bool:
        value = self.values[name]
        return isinstance(value, list) and (has_span(value) or (not value and self.lists_of_spans))

    def _get_values(self) -> Dict[str, float]:
        values = self.values.get("cats", {})
        if not isinstance(values, dict):
            raise ValueError(self._wrong("cats", "an object with labels and their values", values))
        for label, value in values.items():
            self._to_label("cats", label)
            if not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise ValueError(Errors.E143.format(place=self.place, label=label, found=shorten(json.dumps(value))))
        return {label: float(value) for label, value in values.items()}

    def get_votes(self) -> Dict[str, int]:
        """RETURNS (Dict[str, int]): How many annotators gave a label; empty if the object does not tell."""
        votes = self.values.get(_VOTES, {})
        if isinstance(votes, list):
            return dict(Counter(self._to_label(_VOTES, label) for label in votes))
        if not isinstance(votes, dict):
            raise ValueError(self._wrong(_VOTES, "an object with labels and numbers, or a list of labels", votes))
        for label, count in votes.items():
            self._to_label(_VOTES, label)
            if type(count) is not int or count < 0:
                found = shorten(json.dumps(count))
                raise ValueError(Errors.E154.format(place=self.place, label=label, found=found))
        return votes

    def _to_option(self, option: Any) -> str:
        return self._to_label("options", option.get("id") if isinstance(option, dict) else option)

    def _to_label(self, name: str, label: Any) -> str:
        if not isinstance(label, (str, int)) or not str(label).strip():
            what = "a string" if name == "label" else "a list of strings, or of spans with 'start', 'end', 'label'"
            raise ValueError(self._wrong(name, what, self.values[name]))
        return label.strip() if isinstance(label, str) else json.dumps(label)

    def _to_span(self, name: str, span: Any) -> TextSpan:
        parts = _get_bounds(span)
        if [type(part) for part in parts] != [int, int, str] or not parts[2].strip():
            raise ValueError(self._wrong(name, "a list of spans with 'start', 'end', 'label'", span))
        return TextSpan(parts[2].strip(), parts[0], parts[1])

    def _get_list(self, name: str) -> List[Any]:
        if not isinstance(self.values[name], list):
            raise ValueError(self._wrong(name, "a list", self.values[name]))
        return self.values[name]

    def _wrong(self, field: str, expected: str, found: Any) -> str:
        return Errors.E141.format(place=self.place, field=field, expected=expected, found=shorten(json.dumps(found)))


def has_span(values: List[Any]) -> bool:
    """RETURNS (bool): Whether a list has entries that are spans, and no labels."""
    return any(isinstance(value, list) or (isinstance(value, dict) and bool(_get_bounds(value))) for value in values)


def shorten(text: str, length: int = _SHOWN) -> str:
    """RETURNS (str): The beginning of a text, for messages."""
    return text if len(text) <= length else f"{text[:length]} ..."


def _get_bounds(span: Any) -> List[Any]:
    """Start, end and label of a span, whatever they are; an empty list for what is no span."""
    if isinstance(span, list):
        return span
    for start, end in _BOUNDS:
        if isinstance(span, dict) and start in span:
            return [span[start], span.get(end), span.get("label")]
    return []
