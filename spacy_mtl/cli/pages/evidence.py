"""What the predictions of a page rest on: as a table for everybody, and as data for the page's script."""

from html import escape
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language

from ...analysis.explanation.annotating import find_maker
from ...analysis.explanation.explain import AUTO_TOKENS, Explainer
from ...analysis.explanation.results import OCCLUSION, Explanation
from ...analysis.explanation.tasks import TRANSLATION, WORD
from ...json_files import to_json
from ..explanation_text import mark_levels, show_probability
from .style import name_level

TOKENS_READ = 100_000
"""For a page, in copies of texts: hiding each word of a text of n tokens takes about n copies. A text for which too
little is left is shown as it is."""
CARRIES = 2
"""The level, of three, from which a word is said to carry a prediction."""


class Evidence(NamedTuple):
    """What the predictions of one text rest on.

    explanations (Sequence[Explanation]): One for each prediction.
    first (int): The number of the first prediction, counted through the page.
    problem (str): Why there are none, as a sentence; "" where there is nothing to tell.
    """

    explanations: Sequence[Explanation] = ()
    first: int = 1
    problem: str = ""

    def link(self, kind: str, label: str, start: int, component: str = "", predicate: Optional[int] = None) -> str:
        """Tie an element of the page to its prediction.

        kind (str): The kind of prediction.
        label (str): Its label.
        start (int): The first character that it is predicted of.
        component (str): The component; "" if that is not known.
        predicate (Optional[int]): The first character of an argument's predicate.
        RETURNS (str): An attribute, with a space before it; "" if it is not explained.
        """
        for number, one in enumerate(self.explanations, start=self.first):
            of = None if one.predicate is None else one.offsets[one.predicate]
            is_same = (one.kind, one.label, one.offsets[one.start], of) == (kind, label, start, predicate)
            if is_same and component in ("", one.component):
                return f' data-prediction="{number}"'
        return ""

    def link_translation(self, language: str, text: str) -> List[Tuple[str, str]]:
        """Tie a translation and its words to what is explained of them.

        language (str): The language.
        text (str): The translation.
        RETURNS (List[Tuple[str, str]]): The language, and then the words and what stands between them, each with its
            attribute as `link` gives it; nothing if the translation is not explained.
        """
        parts: List[Tuple[str, str]] = []
        end, of = 0, ""
        for number, one in enumerate(self.explanations, start=self.first):
            # blanks may be written otherwise
            if one.written is None or one.written.text.split() != text.split():
                continue
            link = f' data-prediction="{number}"'
            if one.kind == TRANSLATION and one.label == language:
                of, end, parts = one.component, 0, [(language, link)]
            elif one.kind == WORD and one.component == of:
                parts += [(one.written.text[end : one.written.start], ""), (one.label, link)]
                end = one.written.end
        return parts


def find_evidence(nlp: Language, texts: Iterable[str]) -> List[Evidence]:
    """Explain the predictions of texts that are short enough to hide each word in turn.

    nlp (Language): The pipeline.
    texts (Iterable[str]): The texts.
    RETURNS (List[Evidence]): Of each text.
    """
    explainer, found, first, left = Explainer(nlp), [], 1, TOKENS_READ
    is_explained = any(find_maker(pipe) for _, pipe in nlp.pipeline)
    for text in texts:
        evidence = Evidence()
        if is_explained and text.strip():
            evidence = _find(explainer, text, left)._replace(first=first)
        if evidence.explanations:
            left -= len(evidence.explanations[0].words) ** 2
        found.append(evidence)
        first += len(evidence.explanations)
    return found


def _find(explainer: Explainer, text: str, left: int) -> Evidence:
    tokens = len(explainer.nlp.make_doc(text))
    limit = ""
    if tokens > AUTO_TOKENS:
        limit = f"texts of up to {AUTO_TOKENS} tokens, and this one has {tokens:,}"
    elif tokens**2 > left:
        limit = "the first texts of a page"
    if limit:
        problem = f"What this rests on is shown for {limit}. <code>spacy mtl explain</code> tells it for any."
        return Evidence(problem=problem)
    try:
        explanations = explainer.explain(text, method=OCCLUSION)
    except ValueError as error:
        return Evidence(problem=escape(str(error)))
    return Evidence(explanations)


def to_script_data(evidence: Sequence[Evidence]) -> str:
    """The evidence for the script, in a form that no text can break out of.

    evidence (Sequence[Evidence]): Of each text of the page.
    RETURNS (str): JSON that holds none of the characters <, > and &.
    """
    texts = [_describe(f"text-{number}", one) for number, one in enumerate(evidence, start=1) if one.explanations]
    escaped = to_json(texts)
    for character in "<>&\u2028\u2029":
        escaped = escaped.replace(character, f"\\u{ord(character):04x}")
    return escaped


def _describe(article: str, evidence: Evidence) -> Dict[str, Any]:
    words, offsets = evidence.explanations[0].words, evidence.explanations[0].offsets
    ends = [*offsets[1:], offsets[-1] + len(words[-1])]
    return {
        "article": article,
        "words": [(word, " " * (end - offset - len(word))) for word, offset, end in zip(words, offsets, ends)],
        "predictions": [
            {
                "number": number,
                "name": f"{one.component}: {one.name}",
                "probability": float(f"{one.probability:.4g}"),
                "encoder": [round(part, 3) for part in one.encoder],
                "own": [round(part, 3) for part in one.own] if one.own and any(one.own) else None,
            }
            for number, one in enumerate(evidence.explanations, start=evidence.first)
        ],
    }


def render_matrix(evidence: Evidence) -> str:
    """Lay out the words of a text and its predictions as a table.

    evidence (Evidence): What the predictions rest on.
    RETURNS (str): HTML, folded; a note where there is no evidence; "" where there is nothing to tell.
    """
    if not evidence.explanations:
        return f'<p class="note">{evidence.problem}</p>' if evidence.problem else ""
    heads = [
        f'<th scope="col"><span data-prediction="{number}">{escape(one.component)}: {escape(one.name)} '
        f"{show_probability(one.probability)}</span></th>"
        for number, one in enumerate(evidence.explanations, start=evidence.first)
    ]
    levels = [mark_levels(one.parts) for one in evidence.explanations]
    rows = [
        _render_row(word, token, evidence.explanations, [of_one[token] for of_one in levels])
        for token, word in enumerate(evidence.explanations[0].words)
        if not word.isspace()
    ]
    return "\n".join(
        [
            "<details><summary>All words and predictions</summary>",
            '<div class="matrix" tabindex="0" role="region" aria-label="All words and predictions"><table>',
            "<caption>Each word's part in the log-odds of predictions, and the components that it carries</caption>",
            f'<thead><tr><th scope="col">Word</th><th scope="col">Carries</th>{"".join(heads)}</tr></thead>',
            *["<tbody>", *rows, "</tbody>"],
            "</table></div></details>",
        ]
    )


def _render_row(word: str, token: int, explanations: Sequence[Explanation], levels: Sequence[int]) -> str:
    cells = [_render_part(one.parts[token], level) for one, level in zip(explanations, levels)]
    carried = dict.fromkeys(one.component for one, level in zip(explanations, levels) if level >= CARRIES)
    return f'<tr><th scope="row">{escape(word)}</th><td>{escape(", ".join(carried))}</td>{"".join(cells)}</tr>'


def _render_part(part: float, level: int) -> str:
    shown = f"{part:+.1f}".replace("-", "\u2212")
    if not level:
        return "<td></td>"
    return f'<td class="{name_level(level)}">{shown}</td>'
