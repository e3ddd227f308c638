"""Two grades side by side as HTML: of one answer, of one answer under two bars, of two answers to a question. Pure."""

from collections.abc import Sequence

from interviewer import advice
from interviewer.grading.compare import Agreement, Comparison, Moved, two_bars
from interviewer.grading.rating import Grade, Ungraded, Verdict
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Guide, Item
from interviewer.review.regrade import Run, Summary, Twice
from interviewer.ui.card import not_graded, words
from interviewer.ui.html import Html, join, marked, table, tag
from interviewer.ui.rated import (
    SCOPE_WORDS,
    Shown,
    bar,
    exchange_items,
    flags,
    item_details,
    marks,
    quotes,
    shown_items,
)
from interviewer.ui.view import day

CSS = """
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: .4rem 2rem; }
.sides > * { min-width: 0; }
.sides .turn { max-width: none; margin: .4rem 0; }
.said-of { font-size: 1.15rem; max-width: 46rem; }
.item > summary .rate.two { padding-left: 2.4rem; flex-wrap: wrap; }
.rate.two .arrow, .became .arrow { color: var(--body-text-color-subdued); }
.became { font-size: 1.15rem; }
.card table.narrow th { min-width: 0; }
"""

Names = tuple[str, str]


def became(before: object, after: object) -> Html:
    """Return two values with an arrow between them; one where they are the same."""
    if before == after:
        return tag("span", before)
    return tag("span", before, tag("span", " → ", class_="arrow"), after)


def verdicts(before: Scored, after: Scored) -> Html:
    """Return what two grades came to: verdict and scope."""
    scopes = [SCOPE_WORDS[one.assessment.scope] for one in (before, after) if isinstance(one.assessment, Grade)]
    shown = [words(one.verdict) if one.overall else "No grade" for one in (before, after)]
    return tag(
        "p",
        tag("strong", became(*shown)),
        tag("span", " · scope ", became(*scopes)) if len(scopes) == 2 else None,
        class_="became",
    )


def compared(comparison: Comparison, names: Names, better: Names) -> Html:
    """Return two grades item by item.

    Args:
        names: What the two are called.
        better: The headings over what rose and over what fell.
    """
    before, after = comparison.before, comparison.after
    counted, rose, fell = comparison.counted, comparison.rose, comparison.fell
    alone = [one for one in counted if (one.before is None) is not (one.after is None)]
    quoted = [one for one in counted if not one.steps and one.quotes_differ and one not in alone]
    seen = [*rose, *fell, *quoted, *alone]
    rest = [one for one in counted if one not in seen and (one.before or one.after)]
    # The numbers are those that the rest of the page shows; what is not rated at this level comes after them.
    order = dict.fromkeys(item.id for item in (*shown_items(after.rubric), *(one.item for one in comparison.items)))
    number = {item: n for n, item in enumerate(order, 1)}

    def rows(some: Sequence[Moved]) -> list[Html]:
        return [pair(one, number[one.item.id], before, after, names) for one in some]

    def group(title: str, some: Sequence[Moved], flagged: Sequence[Item] = (), what: str = "") -> Html | None:
        lines = [tag("li", tag("b", flag.text), f": {what}") for flag in flagged]
        if not some and not lines:
            return None
        return tag("div", tag("h4", title), *rows(some), tag("ul", *lines, class_="flags") if lines else None)

    nothing = not (rose or fell or comparison.flags_gone or comparison.flags_come)
    return tag(
        "div",
        tag("p", "No rating that counts moved, and the red flags are the same.", class_="quiet") if nothing else None,
        group(better[0], rose, comparison.flags_gone, "a red flag that is no longer raised"),
        group(better[1], fell, comparison.flags_come, "a red flag that was not raised before"),
        group("Rated in one of them only", alone),
        group("The same rating on other words", quoted),
        fold(f"{len(rest)} rated the same", *rows(rest)) if rest else None,
    )


def fold(summary: str, *body: object) -> Html:
    """Return parts behind a line that opens them."""
    return tag("details", tag("summary", summary), *body, class_="guide")


def pair(moved: Moved, number: int, before: Scored, after: Scored, names: Names) -> Html:
    """Return one item under two grades: both bars, and folded the quotes and reasons of each."""
    shown = [
        Shown(moved.item, number, rating, scored.exchange.replies)
        for rating, scored in ((moved.before, before), (moved.after, after))
    ]
    columns = []
    for one, name in zip(shown, names, strict=True):
        why = advice.why(one.item, one.rating) if one.rating else "It has no rating here."
        evidence = one.rating.evidence if one.rating else ()
        columns.append(
            tag("div", tag("p", tag("b", f"{name}: "), one.words), quotes(evidence, one.replies, one.colour), why)
        )
    summary = tag(
        "summary",
        tag("span", number, class_=f"no c{shown[0].colour}"),
        tag("span", moved.item.text, class_="name"),
        tag(
            "span",
            bar(shown[0]),
            tag("span", "→", class_="arrow", aria_label="then"),
            bar(shown[1]),
            tag("span", became(shown[0].words, shown[1].words), class_="words"),
            class_="rate two",
        ),
    )
    return tag("details", summary, tag("div", tag("div", *columns, class_="sides"), class_="body"), class_="item")


# -- under two bars --------------------------------------------------------------------------------------------------


def bars_page(twice: Twice, guide: Guide) -> Html:
    """Return one answer under both bars: what it comes to, why, and what counts under each."""
    sides = sorted((twice.before, twice.after), key=lambda one: one.rubric.level.value)
    if twice.comparison is None:
        missing = next(one for one in sides if not isinstance(one.assessment, Grade))
        return tag("p", f"{missing.rubric.level.value.capitalize()} level: {not_graded(missing)}", class_="quiet")
    both = [one for one in twice.comparison.items if one.steps]
    own, other = (one.rubric.level.value.capitalize() for one in (twice.before, twice.after))
    rows = [
        pair(one, number, twice.before, twice.after, (own, other))
        for number, one in enumerate(twice.comparison.items, 1)
        if one in both
    ]
    return tag(
        "div",
        tag("p", two_bars(twice.comparison, guide.aspects), class_="said-of"),
        tag("div", *(_bar_side(one, guide) for one in sides), class_="sides"),
        fold(f"{len(rows)} read differently under the two bars", *rows) if rows else None,
        _makers(twice.before, twice.after),
        class_="exchange",
    )


def _bar_side(scored: Scored, guide: Guide) -> Html:
    assert isinstance(scored.assessment, Grade)
    level = scored.rubric.level.value
    return tag(
        "div",
        tag("h4", f"{level.capitalize()}: {words(scored.verdict).lower()}"),
        tag("p", f"Scope {SCOPE_WORDS[scored.assessment.scope].replace('the level interviewed for', level)}."),
        tag("p", f"What counts at {level}:", class_="quiet"),
        *(item_details(one, guide) for one in exchange_items(scored)),
        flags(scored, guide),
    )


def _makers(*graded: Scored) -> Html:
    makers = dict.fromkeys(
        f"{one.assessment.maker.engine} {one.assessment.maker.version}, guide {one.assessment.maker.guide_hash}"
        for one in graded
        if isinstance(one.assessment, Grade)
    )
    return tag("p", f"Graded by {'; then by '.join(makers)}.", class_="maker")


# -- graded again ----------------------------------------------------------------------------------------------------


def run_name(run: Run, in_use: str) -> str:
    """Name a run in a list of them.

    Args:
        in_use: Hash of the guide in use; another one is said.
    """
    other = f" · guide {run.guide}" if run.guide and run.guide != in_use else ""
    failed = f", {run.failed} failed" if run.failed else ""
    return f"{day(run.at)} · {run.by} at {run.level.value}{other} · {run.graded} graded{failed}"


def graded_again(twice: Twice) -> Html:
    """Return the exchange in view with its grade and the one of a run."""
    before, after = twice.before, twice.after
    if twice.comparison is None:
        sides = [(name, one) for name, one in (("First", before), ("Again", after))]
        rows = [
            tag("p", tag("b", f"{name}: "), words(one.verdict) if one.overall else not_graded(one))
            for name, one in sides
        ]
        return tag("section", tag("h3", "This answer"), *rows, class_="exchange")
    return tag(
        "section",
        tag("h3", "This answer"),
        verdicts(before, after),
        compared(twice.comparison, ("First", "Again"), ("Rated higher", "Rated lower")),
        _makers(before, after),
        class_="exchange",
    )


def run_summary(summary: Summary) -> Html:
    """Return what a run changed in an interview: verdict, agreement, and a line for each question."""
    verdict = [words(Verdict.of(value) if value else None) for value in (summary.before, summary.after)]
    rows = []
    for pair_ in summary.pairs:
        before, after, both = pair_.before, pair_.after, pair_.comparison
        shown = [words(one.verdict) if one.overall else _no_grade(one) for one in (before, after)]
        what = f"{len(both.rose)} up, {len(both.fell)} down" if both else "–"
        quoted = sum(bool(one.quotes_differ) for one in both.counted) if both else "–"
        rows.append(
            tag(
                "tr",
                tag("th", before.position + 1, scope="row"),
                tag("td", became(*shown)),
                tag("td", what),
                tag("td", quoted),
            )
        )
    return tag(
        "section",
        tag("h3", "The interview"),
        tag("p", tag("strong", became(*verdict)), class_="became"),
        tag("p", agreement_words(summary.agreement)),
        table(("No.", "Overall", "Ratings", "Other quotes"), rows, class_="narrow"),
    )


def agreement_words(found: Agreement) -> str:
    """Say how far two gradings agree."""
    if found.same is None:
        return "No rating stands in both, so nothing can be said about how far they agree."
    said = f"{round(found.same * found.items)} of {found.items} ratings are the same ({found.same:.0%})"
    if found.kappa is None:
        return f"{said}; too few, or too much alike, for a kappa."
    return f"{said}; weighted kappa {found.kappa:.2f}."


def _no_grade(scored: Scored) -> str:
    return "Ungraded" if isinstance(scored.assessment, Ungraded) else "No grade"


# -- two answers -----------------------------------------------------------------------------------------------------


def answers(before: Scored, now: Scored, names: Names) -> Html:
    """Return two answers to one question beside each other, their evidence marked."""
    return tag("div", _answer(before, names[0]), _answer(now, names[1]), class_="sides")


def _answer(scored: Scored, name: str) -> Html:
    shown = exchange_items(scored)
    reply, turns = 0, []
    for turn in scored.exchange.turns:
        if turn.speaker == "candidate":
            turns.append(tag("div", marked(turn.text, marks(shown, reply)), class_="turn candidate"))
            reply += 1
        else:
            turns.append(tag("div", turn.text, class_="turn"))
    return tag("div", tag("h4", name), join(*turns))
