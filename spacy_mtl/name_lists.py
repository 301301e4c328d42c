"""Names as they are given on the command line and in settings of one line."""

from typing import List, Optional


def split_names(text: Optional[str]) -> List[str]:
    """Take apart a list with commas.

    text (Optional[str]): Such as "ner, srl"; None for no list.
    RETURNS (List[str]): Its parts without blanks around them, in order; empty ones are left out.
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()]
