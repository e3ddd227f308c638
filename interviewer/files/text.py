"""Bytes of a file to text, with everything that could not be read named by its line."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from interviewer.errors import InputError

MAX_BYTES = 8 * 2**20
"""Largest file that is read: a day of captions takes 3 MB, and is read in seconds."""
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f]")
_KINDS = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a packed file such as .docx"), (b"\x1f\x8b", "a packed file"))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be understood.

    Attributes:
        line: From 1.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def whole(text: str) -> str:
    """Return a text with NUL and lone surrogates replaced by U+FFFD, every other character in its place."""
    return _UNSTORABLE.sub("\ufffd", text)


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """Read a file as text, UTF-8 or marked UTF-16; bytes that are neither become U+FFFD and are named by line.

    Raises:
        InputError: When it is missing, empty, too large or no text.
    """
    name = path.name
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"{name!r} has {size / 2**20:,.0f} MB; at most {MAX_BYTES / 2**20:.0f} MB are read. Cut it into parts."
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{name!r} cannot be read: {error.strerror}.") from None
    if not data.strip():
        raise InputError(f"{name!r} is empty.")
    for magic, words in _KINDS:
        if data.startswith(magic):
            raise InputError(f"{name!r} is {words}, not text. Save the transcript as plain text, VTT or SRT.")
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd") + text.count("\0") + len(_CONTROL.findall(text))
    if bad > len(text) / 20:
        raise InputError(f"{name!r} is not text. Give a chat log, VTT, SRT or an exported JSON file.")
    text = whole(text.replace("\r\n", "\n").replace("\r", "\n"))
    problems = []
    if bad:
        for number, line in enumerate(text.split("\n"), 1):
            if "\ufffd" in line:
                problems.append(Problem(number, "holds bytes that are not UTF-8; they are shown as \ufffd"))
    return text, problems
