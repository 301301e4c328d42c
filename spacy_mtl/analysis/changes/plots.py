"""What the layers hold, as SVG, written by hand: no library, no script, colours from the page's style sheet."""

from html import escape
from typing import List

from .changes import CHANCE, JOINT, Changes

WIDTH, ROW, LEFT, RIGHT = 640, 22, 210, 60
STYLE = """
svg .joint { fill: var(--joint); }
svg .alone { fill: var(--alone); }
svg .other { fill: var(--alone); fill-opacity: 0.55; }
svg .chance { fill: var(--line); }
"""


def plot_probes(changes: Changes) -> str:
    """Bars of what probes read from the output of each encoder.

    changes (Changes): The changes.
    RETURNS (str): An SVG element; "" without probes.
    """
    parts: List[str] = []
    y = 4
    for one in changes.probes:
        known = {side: score for side, score in one.scores.items() if score is not None}
        if one.layer != "output" or not known:
            continue
        parts.append(f'<text class="name" x="0" y="{y + 14}">{escape(one.probe)}</text>')
        y += ROW
        for side, score in known.items():
            own = side.rpartition(" alone")[0] == one.probe.rpartition(": ")[0]
            kind = {JOINT: "joint", CHANCE: "chance"}.get(side, "alone" if own else "other")
            length = (WIDTH - LEFT - RIGHT) * score
            shown = f"{one.probe}, {side}: {100 * score:.1f}"
            parts.append(f'<text class="name" x="16" y="{y + 12}">{escape(side[:26])}</text>')
            bar = f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="15"/>'
            parts.append(f"<g><title>{escape(shown)}</title>{bar}</g>")
            parts.append(f'<text class="name" x="{LEFT + length + 6:.1f}" y="{y + 12}">{100 * score:.1f}</text>')
            y += ROW
        y += ROW // 2
    if not parts:
        return ""
    content = "\n".join(parts)
    label = "What probes read from the output of each encoder, in points"
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {y}">\n{content}\n</svg>'
