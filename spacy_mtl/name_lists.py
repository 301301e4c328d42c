"""Names as they are given on the command line and in settings."""

from typing import Any, List, Optional


def split_names(text: Optional[str]) -> List[str]:
    """Take apart a list with commas.

    text (Optional[str]): Such as "ner, srl"; None for no list.
    RETURNS (List[str]): Its parts without blanks around them, in order; empty ones are left out.
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def rename(value: Any, old: str, new: str) -> Any:
    """Plain data in which a name is another one: as an item of a list, and as a key of a dict that is no block of
    settings.

    value (Any): The data; it is not changed.
    old (str): The name.
    new (str): What is to stand in its place.
    RETURNS (Any): A copy with the new name.
    """
    if isinstance(value, dict):
        is_block = any(str(key).startswith("@") for key in value)
        return {new if key == old and not is_block else key: rename(item, old, new) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(new if item == old else rename(item, old, new) for item in value)
    return value
