"""Pages of the site that are made from the code: commands, errors and warnings. Codes on other pages link to them."""

import re
from typing import Any, Iterator, List, Tuple

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from spacy_mtl.cli.app import app
from spacy_mtl.errors import Errors, Warnings

ERRORS = "reference/errors.md"
# code, links and spaCy's own codes stay as they are
CODE = re.compile(r"```.*?^ *```|`[^`\n]+`|\[[^\]]*\]\([^)]*\)|spaCy's\s+[EW]\d+|\b([EW]\d{3})\b", re.M | re.S)


def on_page_markdown(markdown: str, page: Page, **kwargs: Any) -> str:
    """Called by mkdocs: link codes."""
    path = page.file.src_uri
    return markdown if path == ERRORS else link_codes(markdown, "../" * path.count("/") + ERRORS)


def link_codes(markdown: str, target: str) -> str:
    """Make links of the codes of errors and warnings.

    markdown (str): A page.
    target (str): The page of the messages.
    RETURNS (str): The page with links.
    """

    def link(found: "re.Match[str]") -> str:
        code = found[1]
        is_ours = code and (hasattr(Errors, code) or hasattr(Warnings, code))
        return f"[{code}]({target}#{code})" if is_ours else found[0]

    return CODE.sub(link, markdown)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by mkdocs: add the pages."""
    for path, content in ((ERRORS, write_errors()), ("reference/commands.md", write_commands())):
        files.append(File.generated(config, path, content=content))
    return files


def write_errors() -> str:
    """RETURNS (str): A page with every message."""
    lines = [
        "# Errors and warnings",
        "",
        "Every message of the package begins with its code, as `[MTL-E103]`. What stands in braces is filled in.",
    ]
    for title, messages in (("Errors", Errors), ("Warnings", Warnings)):
        lines += ["", f"## {title}", "", "| code | message |", "| --- | --- |"]
        lines += [f"| `{code}`{{ #{code} }} | {_escape(message)} |" for code, message in _list_messages(messages)]
    return "\n".join(lines) + "\n"


def write_commands() -> str:
    """RETURNS (str): A page with every command, its arguments and options."""
    group: Any = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "`python -m spacy mtl COMMAND`, or `spacy mtl COMMAND` where spaCy's command is installed.",
    ]
    for name, command in sorted(group.commands.items()):
        lines += ["", f"## {name}", "", _escape(command.help or "")]
        parameters = [parameter for parameter in command.params if parameter.name != "help"]
        lines += ["", "| argument or option | default | |", "| --- | --- | --- |"]
        lines += [_write_parameter(parameter) for parameter in parameters]
    return "\n".join(lines) + "\n"


def _write_parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts)) if is_option else None
    default = "" if parameter.default in (None, ()) or callable(parameter.default) else f"`{parameter.default}`"
    if not is_option:
        default = "" if not parameter.required else "required"
    return f"| {names or f'`{parameter.name.upper()}`'} | {default} | {_escape(parameter.help or '')} |"


def _list_messages(messages: Any) -> Iterator[Tuple[str, str]]:
    codes: List[str] = sorted(code for code in dir(messages) if code[:1] in "EW" and code[1:].isdigit())
    for code in codes:
        yield code, getattr(messages, code).split("] ", 1)[1]


def _escape(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
