"""What a pipeline finds in texts, for people and for programs."""

import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span
from wasabi import msg

from ..frames import SPANS_KEY, get_frames
from ..pipeline.srl.component import SemanticRoleLabeller
from .loading import load_pipeline
from .output import check_page, save_page
from .page import is_sure, render_page
from .page_evidence import find_evidence
from .texts import Texts, stdin_lines

STDIN = "-"


def show(
    pipeline: str,
    texts: Sequence[str],
    *,
    as_json: bool = False,
    html: Optional[Path] = None,
    min_probability: float = 0.0,
    explain: bool = True,
) -> None:
    """Run a pipeline on texts and print what it finds. A text that cannot be read is told of on stderr, with its
    number, and by the exit code; the others are shown.

    pipeline (str): A folder or the name of a package.
    texts (Sequence[str]): The texts; `["-"]` for the lines of stdin.
    as_json (bool): Whether to print one JSON object a text.
    html (Optional[Path]): Where to write it as a page as well.
    min_probability (float): Arguments below it are left out in print and grey on the page. JSON always has all.
    explain (bool): Whether the page shows what predictions rest on.
    """
    try:
        check_page(html)
        nlp = load_pipeline(pipeline)
    except OSError as error:
        msg.fail(str(error), exits=1)
    from_stdin = list(texts) == [STDIN]
    read = Texts(stdin_lines() if from_stdin else texts, nlp.max_length)
    # Whoever types wants the answer to a line before the next.
    batch_size = 1 if from_stdin and sys.stdin.isatty() else None
    descriptions: List[Dict[str, Any]] = []
    try:
        for doc in nlp.pipe(iter(read), batch_size=batch_size):
            found = describe(nlp, doc)
            print(srsly.json_dumps(found) if as_json else render(found, min_probability), flush=True)
            if html is not None:
                descriptions.append(found)
    except ValueError as error:
        msg.fail(str(error), exits=1)
    if html is not None:
        evidence = find_evidence(nlp, (found["text"] for found in descriptions)) if explain else []
        page = render_page(descriptions, f"What {pipeline} finds", min_probability, evidence)
        save_page(html, page, quiet=as_json)
    if read.faults:
        sys.exit(1)


def describe(nlp: Language, doc: Doc) -> Dict[str, Any]:
    """All annotation of a Doc as plain data. Offsets are characters of the text; probabilities are None if unknown.

    nlp (Language): The pipeline that made the Doc.
    doc (Doc): The Doc.
    RETURNS (Dict[str, Any]): text; sentences, empty if unknown; categories (by component: chosen labels, all labels
        with their probability); entities; frames (predicate, sense, roles).
    """
    sentences = doc.sents if doc.has_annotation("SENT_START") else ()
    return {
        "text": doc.text,
        "sentences": [{"start": sentence.start_char, "end": sentence.end_char} for sentence in sentences],
        "categories": _describe_categories(nlp, doc),
        "entities": [
            {**_describe_span(entity), "label": entity.label_, "confidence": _confidence(entity)} for entity in doc.ents
        ],
        "frames": _describe_frames(nlp, doc),
    }


def render(found: Dict[str, Any], min_probability: float = 0.0) -> str:
    """Lay out a description to be read.

    found (Dict[str, Any]): What `describe` gave.
    min_probability (float): Arguments below it are left out.
    RETURNS (str): Some lines, the last one blank.
    """
    lines = [found["text"]]
    for component, categories in found["categories"].items():
        probabilities = categories["probabilities"]
        chosen = [f"{label}{_shown(probabilities[label])}" for label in categories["chosen"]]
        lines.append(f"  {component}: {', '.join(chosen) or 'none'}")
    if found["entities"]:
        lines.append("  entities")
        lines += [f"    {e['label']}: {e['text']}{_shown(e['confidence'])}" for e in found["entities"]]
    for frame in found["frames"]:
        lines.append(
            f"  {frame['text']}{_shown(frame['probability'])}"
            + (f"  {frame['sense']}{_shown(frame['sense_probability'])}" if frame["sense"] else "")
        )
        lines += [
            f"    {r['role']}: {r['text']}{_shown(r['probability'])}"
            for r in frame["roles"]
            if is_sure(r["probability"], min_probability)
        ]
    return "\n".join([*lines, ""])


def _describe_categories(nlp: Language, doc: Doc) -> Dict[str, Any]:
    described: Dict[str, Any] = {}
    left = dict(doc.cats)
    for name, pipe in nlp.pipeline:
        if "doc.cats" not in nlp.get_pipe_meta(name).assigns:
            continue
        own = {label: left.pop(label) for label in getattr(pipe, "labels", ()) if label in left}
        settings = getattr(pipe, "cfg", {})
        exclusive = settings.get("exclusive", nlp.get_pipe_meta(name).factory == "textcat")
        described[name] = _describe_labels(own, None if exclusive else settings.get("threshold", 0.5))
    if left:
        described["other"] = _describe_labels(left, 0.5)
    return described


def _describe_labels(probabilities: Dict[str, float], threshold: Optional[float]) -> Dict[str, Any]:
    """The chosen labels: the best, or all from a threshold on; none where nothing is predicted."""
    ranked = sorted(probabilities, key=lambda label: -probabilities[label])
    if threshold is None:
        chosen = [label for label in ranked[:1] if probabilities[label] > 0]
    else:
        chosen = [label for label in ranked if probabilities[label] >= threshold]
    return {"chosen": chosen, "probabilities": {label: round(probabilities[label], 4) for label in ranked}}


def _describe_frames(nlp: Language, doc: Doc) -> List[Dict[str, Any]]:
    keys = {pipe.cfg["spans_key"] for _, pipe in nlp.pipeline if isinstance(pipe, SemanticRoleLabeller)}
    return [
        {
            **_describe_span(frame.predicate),
            "sense": frame.sense,
            "probability": _rounded(frame.probability),
            "sense_probability": _rounded(frame.sense_probability),
            "roles": [
                {"role": argument.role, **_describe_span(argument.span), "probability": _rounded(argument.probability)}
                for argument in frame.arguments
            ],
        }
        for key in sorted(keys or {SPANS_KEY})
        for frame in get_frames(doc, key)
    ]


def _describe_span(span: Span) -> Dict[str, Any]:
    return {"text": span.text, "start": span.start_char, "end": span.end_char}


def _confidence(entity: Span) -> Optional[float]:
    return _rounded(entity._.confidence) if Span.has_extension("confidence") else None


def _rounded(probability: Optional[float]) -> Optional[float]:
    return None if probability is None else round(float(probability), 4)


def _shown(probability: Optional[float]) -> str:
    return "" if probability is None else f" ({probability:.2f})"
