"""Put somebody's words between marks that they cannot contain."""

import hashlib
import re
from collections.abc import Sequence

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


def mark(texts: Sequence[str]) -> str:
    """Return a mark that stands in none of the texts.

    It is made from the texts themselves: nobody can write a text that holds
    the hash of itself, and the same texts give the same bytes, so that a
    provider's prefix cache and a cache on disk both pay.
    """
    digest = hashlib.sha256("\x1f".join(texts).encode("utf-8", "replace")).hexdigest()
    while any(digest[:16] in text for text in texts):
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return digest[:16]


def fenced(text: str, between: str | None = None) -> str:
    """Return the text between its marks, with what no request can carry replaced, character by character.

    Args:
        text: Anybody's words.
        between: The mark to use; the text's own when None.
    """
    text = _UNSENDABLE.sub("\ufffd", text)
    between = between or mark((text,))
    return f"[{between}]\n{text}\n[/{between}]"
