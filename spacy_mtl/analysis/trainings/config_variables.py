"""Variables of a config, put back after its values were changed."""

import json
import re
from typing import Any, List, Mapping, Tuple

from thinc.api import Config

# Two dollars stand for one.
VARIABLE = re.compile(r"\$\$|\$\{([^}]+)\}")
MISSING = object()

Place = Tuple[str, ...]
"""The names of a section and those in it, from the outermost."""


def resolve(config: Config) -> Config:
    """A config without variables.

    config (Config): The config.
    RETURNS (Config): A copy, with values in their place.
    """
    return config.copy() if config.is_interpolated else config.interpolate()


def keep_variables(config: Config, original: Config) -> Config:
    """Put variables back where they still say the same.

    A variable stays a value if that was changed, or if what it refers to was changed or is gone. In a section that is
    referred to as a whole and was changed, the rest of the variables is put back.

    config (Config): What `resolve` made of the original, changed.
    original (Config): The config with variables.
    RETURNS (Config): A config that says the same, with variables; the first itself if the original has none.
    """
    if original.is_interpolated:
        return config
    restoring = _Restoring(config, original, original.interpolate())
    restored = {name: restoring.restore(config[name], original.get(name, MISSING), (name,), (name,)) for name in config}
    return Config(restored, is_interpolated=False, section_order=original.section_order)


class _Restoring:
    def __init__(self, config: Config, original: Config, plain: Config) -> None:
        """plain: the original without variables."""
        self.config = config
        self.original = original
        self.plain = plain

    def restore(self, value: Any, source: Any, place: Place, source_place: Place) -> Any:
        """A value with variables as its source has them.

        place: where the value is in the config; source_place: where the source is in the original, which is elsewhere
        if a variable led there.
        """
        if isinstance(value, dict) and isinstance(source, dict):
            return {
                name: self.restore(part, source.get(name, MISSING), (*place, name), (*source_place, name))
                for name, part in value.items()
            }
        if source is MISSING or isinstance(source, dict):
            return value
        text = source.strip() if isinstance(source, str) else json.dumps(source, default=str)
        names = [match.group(1) for match in VARIABLE.finditer(text) if match.group(1)]
        if names and text == f"${{{names[0]}}}":
            if _find(self.config, names[0], place)[0] == value:
                return source
            target, found = _find(self.original, names[0], source_place)
            return self.restore(value, target, place, found)
        is_same = value == _look_up(self.plain, source_place) and all(
            _find(self.config, name, place)[0] == _find(self.plain, name, source_place)[0] for name in names
        )
        return source if is_same and "$" in text else value


def _find(config: Mapping[str, Any], name: str, place: Place) -> Tuple[Any, Place]:
    """What a variable at a place refers to, and where that is."""
    parts: List[str] = name.replace(":", ".").split(".")
    beside = (*place[:-1], parts[0])
    # a name alone is that of a setting beside it, or else of a section
    if len(parts) == 1 and beside != place:
        found = _look_up(config, beside)
        if found is not MISSING and not isinstance(found, dict):
            return found, beside
    return _look_up(config, tuple(parts)), tuple(parts)


def _look_up(config: Mapping[str, Any], place: Place) -> Any:
    found: Any = config
    for name in place:
        if not isinstance(found, dict) or name not in found:
            return MISSING
        found = found[name]
    return found
