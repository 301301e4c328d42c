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
