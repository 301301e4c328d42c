"""Every message of the package, each with a code that tests and users can search for.

A file an area, 7xx in two; the digits of a code before the last two say which. Name a message as `Errors.E103` or
`Warnings.W101`.
"""

from typing import Any

from .analysis import AnalysisErrors, AnalysisWarnings
from .categories import CategoryErrors, CategoryWarnings
from .commands import CommandErrors, CommandWarnings
from .data import DataErrors, DataWarnings
from .dependencies import DependencyErrors, DependencyWarnings
from .encoders import EncoderErrors, EncoderWarnings
from .entities import EntityErrors, EntityWarnings
from .explanation import ExplanationErrors, ExplanationWarnings
from .frames import FrameErrors, FrameWarnings
from .recipes import RecipeErrors
from .roles import RoleErrors, RoleWarnings
from .translation import TranslationErrors, TranslationWarnings


class _MessagesWithCodes(type):
    def __getattribute__(cls, code: str) -> Any:
        message = super().__getattribute__(code)
        if code.startswith("_"):
            return message
        return f"[MTL-{code}] {message}"


class Errors(
    FrameErrors,
    DataErrors,
    EntityErrors,
    CategoryErrors,
    EncoderErrors,
    RoleErrors,
    CommandErrors,
    AnalysisErrors,
    RecipeErrors,
    ExplanationErrors,
    DependencyErrors,
    TranslationErrors,
    metaclass=_MessagesWithCodes,
):
    """Messages of exceptions, each with its code before it."""


class Warnings(
    FrameWarnings,
    DataWarnings,
    EntityWarnings,
    CategoryWarnings,
    EncoderWarnings,
    RoleWarnings,
    CommandWarnings,
    AnalysisWarnings,
    ExplanationWarnings,
    DependencyWarnings,
    TranslationWarnings,
    metaclass=_MessagesWithCodes,
):
    """Messages of warnings, each with its code before it."""
