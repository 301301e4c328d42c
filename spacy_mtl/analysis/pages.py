"""Pages of HTML that need nothing but themselves: no script, no font, no picture from elsewhere."""

import base64
import hashlib
from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'{allowed}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{heading}</h1>
{content}{script}
</body>
</html>
"""

STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --muted: #57606a; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --ink: #e8eaed; --muted: #a9b1bb; --card: #1d2127; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.4rem; margin: 0.5rem 0; }
h3 { font-size: 1rem; }
.note { color: var(--muted); }
"""
"""The colours and letters of every page."""


def make_page(title: str, style: str, content: str, script: str = "") -> str:
    """Put a page together.

    title (str): Its heading; is escaped.
    style (str): A style sheet, beside that of every page.
    content (str): What stands below the heading, as HTML.
    script (str): The one script that may run, JavaScript; "" for none.
    RETURNS (str): The page, for screens of any width, light and dark.
    """
    allowed = ""
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf8")).digest()).decode("ascii")
        allowed, script = f"; script-src 'sha256-{digest}'", f"\n<script>{script}</script>"
    return _PAGE.format(
        title=escape(title),
        heading=escape_name(title),
        style=STYLE + style,
        content=content,
        allowed=allowed,
        script=script,
    )


def escape_name(name: str) -> str:
    """Escape a text with names in it, which may be broken behind underscores and slashes.

    name (str): The text.
    RETURNS (str): As HTML.
    """
    return escape(name).replace("_", "_<wbr>").replace("/", "/<wbr>")
