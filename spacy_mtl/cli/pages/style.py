"""How the page of findings looks: its style sheet, and a colour for each label."""

import zlib

NUMBERED = {
    "ARG0": "#9ecbff",
    "ARG1": "#ffd08a",
    "ARG2": "#b5e8a0",
    "ARG3": "#f5b5e0",
    "ARG4": "#f2e37a",
    "ARG5": "#c9b8ff",
}
OTHERS = (
    "#a8e6e2",
    "#ffb8ad",
    "#d6dde6",
    "#e6c9a8",
    "#cfe88a",
    "#d9c2f0",
    "#8fd9b6",
    "#f7c6d0",
    "#c2cff5",
    "#e8d9b5",
)
CONTINUED = ("C-", "R-")


def choose_colour(label: str) -> str:
    """The background of a label, the same on every page, light enough for the style sheet's --on-colour.

    label (str): A role or an entity label. "C-ARG1" and "R-ARG1" have the colour of "ARG1".
    RETURNS (str): The colour as "#rrggbb".
    """
    while label.startswith(CONTINUED):
        label = label[2:]
    return NUMBERED.get(label) or OTHERS[zlib.crc32(label.encode("utf8")) % len(OTHERS)]


PART_COLOURS = """
:root { --for-1: #def5e0; --for-2: #96dca0; --for-3: #3caf55; }
:root { --against-1: #fce2e0; --against-2: #f5a5a0; --against-3: #de5a55; }
"""
"""How a word's part in a prediction is marked: three levels for it, three against it, with dark letters on them."""


def name_level(level: int) -> str:
    """RETURNS (str): What the colour of a word's part is called, in style sheets. level (int): Above 0 for the
    prediction, below 0 against it."""
    return f"{'for' if level > 0 else 'against'}-{abs(level)}"


STYLE = """
:root {
  --on-colour: #111111; --line: #6e7781; --bar: #0b5cad; --track: #d8dee4;
  --predicate: #1b1f24; --on-predicate: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root { --line: #8b949e; --bar: #79b8ff; --track: #3a414b; --predicate: #f0f3f6; --on-predicate: #14171c; }
}
body { max-width: 56rem; }
h2 { font-size: 1.15rem; margin: 0 0 0.5rem; }
h3 { margin: 1.25rem 0 0.25rem; }
article {
  margin: 1.25rem 0; padding: 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
}
.note { margin: 0.25rem 0; }
.entities { direction: inherit !important; line-height: 2.2 !important; }
table { border-collapse: collapse; width: 100%; max-width: 30rem; margin: 0.25rem 0; }
caption { text-align: start; color: var(--muted); }
th { font-weight: normal; text-align: start; padding: 0.1rem 0.5rem 0.1rem 0; width: 40%; }
td { padding: 0.1rem 0; }
td.number { text-align: end; width: 3.5rem; font-variant-numeric: tabular-nums; }
.chosen th, .chosen td { font-weight: bold; }
.track { height: 0.7rem; border-radius: 0.35rem; background: var(--track); overflow: hidden; }
.bar { height: 100%; background: var(--bar); }
summary { color: var(--muted); cursor: pointer; }
.frames { list-style: none; margin: 0; padding: 0; }
.frames li { padding: 0.5rem 0; border-top: 1px solid var(--line); }
.frames li:first-child { border-top: 0; }
.frames p { margin: 0; }
.frames .sentence { line-height: 2.2; white-space: pre-line; }
.segment {
  color: var(--on-colour); padding: 0.2em 0.4em; border: 1px solid var(--line); border-radius: 0.35em;
  -webkit-box-decoration-break: clone; box-decoration-break: clone;
}
.predicate { background: var(--predicate); color: var(--on-predicate); }
.unsure { background: transparent; color: var(--muted); border-style: dashed; }
.label { white-space: nowrap; font-size: 0.75em; font-weight: bold; margin-inline-start: 0.5em; }
.cut { color: var(--muted); }
"""

EVIDENCE_STYLE = (
    PART_COLOURS
    + """
.for-1 { background: var(--for-1); } .for-2 { background: var(--for-2); } .for-3 { background: var(--for-3); }
.against-1 { background: var(--against-1); } .against-2 { background: var(--against-2); }
.against-3 { background: var(--against-3); }
[class^="for-"], [class^="against-"], .word { color: var(--on-colour); }
[role="button"] { cursor: pointer; }
.predicate[role="button"] { color: var(--on-predicate); }
span[role="button"] { text-decoration: underline dotted; text-underline-offset: 0.2em; }
[aria-pressed="true"] { outline: 3px solid var(--bar); outline-offset: 2px; border-radius: 0.2em; }
:focus-visible { outline: 3px dashed var(--bar); outline-offset: 2px; }
.evidence { margin: 0 0 0.75rem; padding: 0.5rem 0.75rem; border: 1px dashed var(--line); border-radius: 0.5rem; }
.evidence.chosen-here { position: sticky; top: 0; z-index: 1; max-height: 60vh; overflow-y: auto;
  background: var(--card); border-style: solid; }
.evidence p { margin: 0; }
.evidence .words { margin: 0.5rem 0; line-height: 1.4; }
.word { display: inline-block; padding: 0 0.25rem; border-radius: 0.25rem; text-align: center; vertical-align: top; }
.part { display: block; font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.routes button {
  margin: 0 0.5rem 0.25rem 0; padding: 0.1rem 0.5rem; font: inherit; font-size: 0.85rem; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 0.35rem;
}
.matrix { overflow-x: auto; margin: 0.5rem 0; padding: 3px; }
.matrix table { width: auto; max-width: none; font-size: 0.85rem; }
.matrix th, .matrix td { width: auto; padding: 0.1rem 0.4rem; border-bottom: 1px solid var(--track); }
.matrix td { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.matrix td:first-of-type { text-align: start; }
.matrix th { white-space: nowrap; }
.matrix tbody th { position: sticky; left: 0; background: var(--card); }
.matrix thead th { vertical-align: bottom; }
.matrix thead span { display: inline-block; max-height: 15rem; overflow: hidden; text-overflow: ellipsis;
  writing-mode: vertical-rl; }
"""
)
