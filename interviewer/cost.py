"""What the models of an interview read, wrote and cost. Pure.

A price is worked out when the work is done, from the settings of the model
that did it, and stands in the event: a transcript keeps its figures when the
settings change.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from interviewer.interview.state import Interview, Spent


@dataclass(frozen=True, slots=True)
class Tally:
    """Tokens and price of some pieces of work.

    Attributes:
        pieces: Turns spoken or exchanges graded by a model.
        tokens_in: Tokens read.
        tokens_cached: Of those, tokens from the provider's prefix cache.
        tokens_out: Tokens written.
        price: Sum of the known prices, in the currency of the settings; None when none is known.
        whole: Whether the price of every piece is known.
    """

    pieces: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """What an interview has cost so far, role by role."""

    interviewer: Tally
    grader: Tally
    total: Tally


def cost_of(state: Interview) -> Cost:
    """Return what the models of an interview have cost so far."""
    return Cost(
        tally(one for one in state.spent if one.role == "interviewer"),
        tally(one for one in state.spent if one.role == "grader"),
        tally(state.spent),
    )


def tally(spent: Iterable[Spent]) -> Tally:
    """Return the sum of some pieces of work."""
    pieces = tuple(spent)
    prices = [one.price for one in pieces if one.price is not None]
    return Tally(
        pieces=len(pieces),
        tokens_in=sum(one.tokens_in for one in pieces),
        tokens_cached=sum(one.tokens_cached for one in pieces),
        tokens_out=sum(one.tokens_out for one in pieces),
        price=sum(prices) if prices else None,
        whole=len(prices) == len(pieces),
    )


def cost_line(cost: Cost) -> str:
    """Return an interview's tokens and price in one line; empty when no model reported any."""
    return in_words(cost.total)


def in_words(found: Tally) -> str:
    """Return tokens and price in one line; empty when there are none."""
    if not found.pieces:
        return ""
    cached = f" ({found.tokens_cached:,} from cache)" if found.tokens_cached else ""
    line = f"{found.tokens_in:,} tokens read{cached}, {found.tokens_out:,} written"
    if found.price is None:
        return f"{line}; no price is set"
    return f"{line}; price {amount(found.price)}" + ("" if found.whole else ", without the models that have no price")


def amount(price: float) -> str:
    """Return a price with two digits that say something: 12.34, 0.012, 0.000034."""
    if price >= 1 or price == 0:
        return f"{price:.2f}"
    return f"{price:.2g}" if price >= 0.0001 else f"{price:.6f}"
