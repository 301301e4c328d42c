"""Docstrings in spaCy's form, read into the form that the site's reference shows."""

import re
from typing import Any, Dict, List

import griffe

ENTRY = re.compile(r"^(\*{0,2}\w+) \((.+?)\): (.*)$")
SECTION = {"RETURNS": "Returns:", "YIELDS": "Yields:", "RAISES": "Raises:"}


def to_google_style(docstring: str, entries: str = "Args:") -> str:
    """Rewrite a docstring.

    docstring (str): Text, a line for each argument, `name (type): what it is`, and RETURNS, YIELDS and RAISES, which
        may also stand at the end of a line.
    entries (str): What the lines are of: "Args:", or "Attributes:" in a class.
    RETURNS (str): The same in Google's form.
    """
    text = re.sub(r"(?<=\S) (?=(?:RETURNS|YIELDS|RAISES) \()", "\n", docstring)
    prose: List[str] = []
    sections: Dict[str, List[str]] = {}
    entry: List[str] = []
    for line in text.split("\n"):
        found = ENTRY.match(line)
        if found:
            name, kind, said = found.groups()
            title = SECTION.get(name, entries)
            shown = f"{kind}: {said}" if name in SECTION else f"{name} ({kind}): {said}"
            entry = sections.setdefault(title, [])
            entry.append(f"    {shown}")
        elif entry and line.startswith("    "):
            entry.append(f"    {line}")
        else:
            entry = []
            prose.append(line)
    blocks = ["\n".join(prose).strip(), *("\n".join([title, *lines]) for title, lines in sections.items())]
    return "\n\n".join(blocks)


class SpacyDocstrings(griffe.Extension):
    """Rewrites every docstring of the package as it is loaded."""

    def on_instance(self, *, obj: Any, **kwargs: Any) -> None:
        """Called by griffe for each object with a docstring."""
        if obj.docstring is not None:
            obj.docstring.value = to_google_style(obj.docstring.value, "Attributes:" if obj.is_class else "Args:")
