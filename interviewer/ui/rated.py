"""Items with their ratings as HTML: bars, quotes in place, reasons and guide passages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from interviewer import advice
from interviewer.grading.rating import Evidence, Flag, Grade, Rating, Scope
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Guide, Item, Level, Rubric
from interviewer.ui.html import FLAG, Html, Mark, escape, in_place, join, tag

COLOURS = 7
SCOPE_WORDS = {
    Scope.BELOW: "below the level interviewed for",
    Scope.AT: "at the level interviewed for",
    Scope.ABOVE: "above the level interviewed for",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of an exchange or of a whole interview, ready to be shown.

    Attributes:
        number: Its number in the list, from 1; the same beside marked words.
        rating: None when it has none.
        replies: The candidate's turns the rating's evidence points into.
        hypothetical: Whether the question it was rated on asked for a proposal.
    """

    item: Item
    number: int
    rating: Rating | None
    replies: tuple[str, ...]
    hypothetical: bool = False

    @property
    def colour(self) -> int:
        return (self.number - 1) % COLOURS

    @property
    def top(self) -> int:
        """The highest value the item can have."""
        return len(advice.scale(self.item)) - 1

    @property
    def words(self) -> str:
        """The rating in words."""
        if self.rating is None:
            return "not rated"
        return advice.scale(self.item)[self.rating.value].words

    @property
    def unsure(self) -> bool:
        """Whether the rating's confidence is low."""
        return self.rating is not None and self.rating.confidence < advice.LOW_CONFIDENCE


def shown_items(rubric: Rubric) -> tuple[Item, ...]:
    """Return the items an exchange is shown with: its level's criteria and its probes."""
    return (*rubric.criteria, *rubric.probes)


def exchange_items(scored: Scored) -> list[Shown]:
    """Return the items of one exchange with their ratings."""
    grade = scored.assessment if isinstance(scored.assessment, Grade) else None
    return [
        Shown(
            item,
            number,
            grade.rating(item.id) if grade else None,
            scored.exchange.replies,
            scored.rubric.hypothetical,
        )
        for number, item in enumerate(shown_items(scored.rubric), 1)
    ]


def marks(shown: Sequence[Shown], reply: int) -> list[Mark]:
    """Return the evidence of these items in one reply of their exchange."""
    return [
        Mark(span.start, span.end, one.number, one.colour, one.item.text, one.item.id)
        for one in shown
        if one.rating
        for span in one.rating.evidence
        if span.reply == reply
    ]


def flag_marks(raised: Sequence[Flag], guide: Guide, reply: int) -> list[Mark]:
    """Return the words that carry these red flags in one reply of their exchange."""
    return [
        Mark(span.start, span.end, 0, 0, f"Red flag: {guide.words(flag.item)}", flag.item, flag=True)
        for flag in raised
        for span in flag.evidence
        if span.reply == reply
    ]


def chart(shown: Sequence[Shown], label: str) -> Html:
    """Return bars, one an item: as many filled steps as its rating."""
    rows = [
        tag(
            "li",
            tag("span", one.item.text, class_="name"),
            bar(one),
            tag("span", one.words, class_="words"),
        )
        for one in shown
    ]
    return tag("ul", *rows, class_="chart", aria_label=label)


def bar(one: Shown) -> Html:
    """Return an item's rating as steps, filled from the left."""
    value = one.rating.value if one.rating else 0
    return tag(
        "span",
        *(tag("i", class_="on" if step < value else "off") for step in range(one.top)),
        class_=f"bar c{one.colour}" + ("" if one.rating else " none"),
        role="img",
        aria_label=f"{value} of {one.top}" if one.rating else "not rated",
    )


def item_details(
    one: Shown,
    guide: Guide,
    where: str = "",
    *,
    change: str = "",
    beside: Sequence[Html] = (),
    passage_open: bool = False,
) -> Html:
    """Return one item with its rating, quote, reason, next step and guide passage, folded.

    Args:
        where: Where it was shown, in a word or two.
        change: What has become of its rating, in a few words.
        beside: Lines on what people think of the rating.
        passage_open: Whether the guide's passage is unfolded at once.
    """
    rating = one.rating
    body: list[Html | None] = []
    if rating is None:
        body.append(tag("p", "Nothing that was graded speaks of it.", class_="quiet"))
    else:
        body.append(quotes(rating.evidence, one.replies, one.colour))
        if not rating.evidence:
            body.append(tag("p", "No words of yours carry it.", class_="quiet"))
        body.append(fact("Why", advice.why(one.item, rating)))
        body.append(fact("Confidence", advice.confidence(rating.confidence)))
        if higher := advice.next_step(one.item, rating.value, one.hypothetical):
            body.append(fact("Next step up", higher))
    body += beside
    body.append(guide_passage(guide, one.item, is_open=passage_open))
    summary = tag(
        "summary",
        tag("span", one.number, class_=f"no c{one.colour}"),
        tag("span", one.item.text, class_="name"),
        tag(
            "span",
            bar(one),
            tag("span", one.words, class_="words"),
            tag("span", change, class_="change") if change else None,
            tag("span", "low confidence", class_="unsure") if one.unsure else None,
            tag("span", where, class_="where") if where else None,
            class_="rate",
        ),
    )
    return tag("details", summary, tag("div", *body, class_="body"), class_="item", data_item=one.item.id)


def quotes(evidence: Sequence[Evidence], replies: Sequence[str], colour: int | None) -> Html:
    """Return each span where it stands in the answer; in the style of a red flag where there is no colour."""
    return join(*(in_place(replies[e.reply], e.start, e.end, colour) for e in evidence if e.reply < len(replies)))


def fact(name: str, text: object) -> Html:
    """Return a labelled line."""
    return tag("p", tag("b", f"{name}: "), text)


def guide_passage(guide: Guide, item: Item, *, is_open: bool = False) -> Html | None:
    """Return the passage of the guide an item rests on, its own line set off; folded unless told."""
    chunk = guide.passage(item.id)
    if chunk is None:
        return None
    where = tag("summary", f"Guide: {chunk.section} ({chunk.file}, line {item.line})")
    lines = [tag("b", line) if item.text in line else escape(line) for line in chunk.text.splitlines()]
    return tag("details", where, tag("p", Html("\n".join(lines)), class_="passage"), class_="guide", open=is_open)


def flags(scored: Scored, guide: Guide) -> Html | None:
    """Return the red flags raised in one exchange; None when there are none."""
    if not isinstance(scored.assessment, Grade) or not scored.assessment.flags:
        return None
    rows = []
    for flag in scored.assessment.flags:
        rows.append(flag_row(flag.item, flag.evidence, flag.reason, scored.exchange.replies, guide))
    return tag("div", tag("h4", "Red flags"), tag("ul", *rows, class_="flags"))


def flag_row(
    item: str, evidence: Sequence[Evidence], reason: str, replies: Sequence[str], guide: Guide, where: str = ""
) -> Html:
    """Return one raised flag with its quote, or with the word that it rests on what is missing."""
    shown = quotes(evidence, replies, 5) if evidence else tag("p", "From what is missing.", class_="quiet")
    return tag(
        "li",
        tag("b", guide.words(item)),
        tag("span", where, class_="where") if where else None,
        shown,
        tag("p", reason) if reason else None,
    )


def flag_details(
    flag: Flag, replies: Sequence[str], guide: Guide, *, change: str = "", beside: Sequence[Html] = ()
) -> Html:
    """Return a raised flag with its quote, reason and guide passage, folded like an item."""
    item = next(iter(advice.known(guide, [flag.item])), None)
    summary = tag(
        "summary",
        tag("span", FLAG, class_="no raised", aria_hidden="true"),
        tag("span", "Red flag: ", guide.words(flag.item), class_="name"),
        tag("span", tag("span", change, class_="change"), class_="rate") if change else None,
    )
    body = [
        quotes(flag.evidence, replies, None)
        if flag.evidence
        else tag("p", "No words carry it: it rests on what is missing.", class_="quiet"),
        fact("Why", flag.reason) if flag.reason else None,
        fact("Confidence", advice.confidence(flag.confidence)),
        *beside,
        guide_passage(guide, item, is_open=True) if item else None,
    ]
    return tag("details", summary, tag("div", *body, class_="body"), class_="item", data_item=flag.item)


def outline(question: str, aims: Sequence[str], level: Level, guide: Guide) -> Html | None:
    """Return what a strong answer to a question holds, folded; for after the end only."""
    lines = advice.outline(question, aims, level, guide)
    if not lines:
        return None
    summary = tag("summary", "Outline of a strong answer")
    return tag("details", summary, tag("ul", *(tag("li", line) for line in lines), class_="outline"), class_="guide")
