"""Is this span in the candidate's replies, and where."""

from collections.abc import Sequence

from interviewer.grading.rating import Evidence

_QUOTE_MARKS = frozenset(
    "'\"`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u00ab\u00bb\u2039\u203a"
)


def locate(quote: str, replies: Sequence[str]) -> Evidence | None:
    """Find a quote in the replies: exactly, then with case, quote marks and white space set aside.

    Nothing fuzzier is tried: a paraphrase, an ellipsis or a changed word is not a quote.

    Args:
        quote: The words to find; quote marks around them are ignored when they are not the reply's own.
        replies: The candidate's turns of one exchange, in order.

    Returns:
        The span in the first reply that holds the words, or None.
    """
    quote = quote.strip()
    wanted = _normalise(quote)[0].strip(" '")
    if not wanted:
        return None
    for index, reply in enumerate(replies):
        start = reply.find(quote)
        if start >= 0:
            return Evidence(index, start, start + len(quote))
    for index, reply in enumerate(replies):
        text, places = _normalise(reply)
        start = text.find(wanted)
        if start >= 0:
            return Evidence(index, places[start], places[start + len(wanted) - 1] + 1)
    return None


def _normalise(text: str) -> tuple[str, list[int]]:
    """Return the text in one case, with one sort of quote mark and single spaces.

    The second value gives, for each of its characters, the position in `text` it came from.
    """
    out: list[str] = []
    places: list[int] = []
    for position, character in enumerate(text):
        if character.isspace():
            pieces = "" if out and out[-1] == " " else " "
        elif character in _QUOTE_MARKS:
            pieces = "'"
        else:
            pieces = character.casefold()
        for piece in pieces:
            out.append(piece)
            places.append(position)
    return "".join(out), places
