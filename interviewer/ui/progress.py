"""The Progress tab: the next exercises, how ratings went over time, the stories told, and how raters agree."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from interviewer.guide.model import Level, LookFor, RedFlag
from interviewer.review.past import Past, graded
from interviewer.review.progress import Course, courses
from interviewer.review.stories import PARTS, Story, stories, without_story
from interviewer.review.study import EXERCISES, Exercise, exercise_plan, study_plan
from interviewer.service import Service
from interviewer.ui.guard import DIRECT, QUEUED, guarded
from interviewer.ui.html import Html, tag
from interviewer.ui.rate import agreement_page
from interviewer.ui.rated import fact
from interviewer.ui.view import day
from interviewer.wiring import Parts

EMPTY = "Nothing graded yet at this level. Hold an interview; what it shows is gathered here."
# Points of a course that are drawn.
DRAWN = 24
CSS = """
.courses { list-style: none; padding: 0; margin: .6rem 0 1.4rem; display: grid; gap: .2rem; }
.courses li { display: grid; grid-template-columns: minmax(12rem, 20rem) minmax(6rem, 16rem) 1fr; gap: .2rem 1.2rem;
  align-items: center; padding: .45rem 0; border-top: 1px solid var(--line); margin: 0; }
.courses svg { width: 100%; height: 2.4rem; overflow: visible; }
.courses svg .grid { stroke: var(--line); stroke-width: 1; }
.courses svg .path { stroke: var(--accent); stroke-width: 1.5; fill: none; opacity: .45; }
.courses svg circle { fill: var(--accent); }
.courses svg circle.unsure { fill: var(--sheet); stroke: var(--accent); stroke-width: 1.5; }
.courses .sum { color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.exercise { border: 1px solid var(--line); border-radius: 14px; padding: .9rem 1.1rem; background: var(--sheet); }
.exercise .html-container { padding: 0 !important; }
.exercise h4 { margin: 0 0 .3rem !important; }
.story > .body p { margin: .3rem 0; }
.parts { display: flex; flex-wrap: wrap; gap: .3rem .6rem; list-style: none; padding: 0; margin: .2rem 0; }
.parts li { border: 1px solid var(--line); border-radius: 999px; padding: 0 .7rem; font-size: .85rem; margin: 0; }
.parts li.missing { border-style: dashed; color: var(--body-text-color-subdued); }
@media (max-width: 640px) {
  .tab-container button { padding-left: .45rem !important; padding-right: .45rem !important; }
  .courses li { grid-template-columns: 1fr; }
}
"""


class ProgressTab:
    """Components and handlers of the tab; drawn anew whenever it is opened."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the tab."""
        self.service, self.parts = service, parts
        self.level = gr.Radio(
            [(level.value.capitalize(), level.value) for level in Level],
            value=Level.SENIOR.value,
            label="Level",
            elem_id="progress-level",
        )
        self.plan_head = gr.HTML(tag("section", tag("h3", "Next three exercises"), class_="exchange"), visible=False)
        self.exercises: list[tuple[gr.Column, gr.HTML, gr.Button]] = []
        for number in range(1, EXERCISES + 1):
            with gr.Column(visible=False, elem_classes=["exercise"]) as box:
                page = gr.HTML()
                start = gr.Button(
                    "Practise this", elem_id=f"exercise-{number}", size="sm", scale=0, min_width=160, variant="primary"
                )
            self.exercises.append((box, page, start))
        self.page = gr.HTML(elem_id="courses")
        self.stories = gr.HTML(elem_id="stories")
        self.raters = gr.HTML(elem_id="raters")
        # The level and the exercises in view: what is begun is what is shown, whatever was graded since.
        self.plan = gr.State(None)
        # The id of an exercise's interview that was just begun; the screen goes to it.
        self.started = gr.State("")

    @property
    def shown(self) -> list[Any]:
        """The components that `refresh` sets."""
        return [
            self.level, self.plan, self.plan_head, *(c for one in self.exercises for c in one), self.page, self.stories,
            self.raters,
        ]  # fmt: skip

    def opened(self, level: str) -> Iterator[dict[Any, Any]]:
        """Draw the tab when it is selected; at the level of the newest interview when the chosen one has none."""
        past = graded(self.service)
        if past and not any(one.scored.rubric.level.value == level for one in past):
            level = past[-1].scored.rubric.level.value
        yield from self._draw(Level(level), past)

    def refresh(self, level: str) -> Iterator[dict[Any, Any]]:
        """Draw the tab for a level."""
        yield from self._draw(Level(level), graded(self.service))

    def _draw(self, level: Level, past: Sequence[Past]) -> Iterator[dict[Any, Any]]:
        guide = self.service.guide
        updates: dict[Any, Any] = {self.level: level.value, self.raters: card(agreement_page(self.service))}
        if not any(one.scored.rubric.level is level for one in past):
            updates |= {self.page: tag("p", EMPTY, class_="empty"), self.stories: ""}
            yield updates | self._plan(level, [])
            return
        mine = [one for one in past if one.scored.rubric.level is level]
        updates[self.page] = courses_page(courses(past, guide, level), mine)
        # Reading the stories takes seconds when there are many; what is known already stands meanwhile. The plan is the
        # same without them but for a title here and there, so nothing moves when they come.
        reading = {self.stories: tag("p", "Reading your stories …", class_="quiet", role="status")}
        yield updates | reading | self._plan(level, study_plan(past, [], guide, level))
        found = stories(past, self.parts.encoder().encode, guide)
        plan = study_plan(past, found, guide, level)
        bank = stories_page(found, without_story(found, guide, level), self.service)
        yield {self.stories: bank} | self._plan(level, plan)

    def _plan(self, level: Level, plan: Sequence[Exercise]) -> dict[Any, Any]:
        updates: dict[Any, Any] = {self.plan: (level, plan), self.plan_head: gr.update(visible=bool(plan))}
        for place, (box, page, start) in enumerate(self.exercises):
            one = plan[place] if place < len(plan) else None
            updates[box] = gr.update(visible=one is not None)
            updates[page] = exercise_page(one, place + 1) if one else ""
            updates[start] = gr.update(visible=one is not None and one.question is not None)
        return updates

    def _start(self, place: int, shown: tuple[Level, Sequence[Exercise]]) -> str:
        level, plan = shown
        seed = time.time_ns() % 1_000_000
        return self.service.begin(exercise_plan(plan[place], self.service.guide, level, seed))

    def wire(self, tab: gr.Tab) -> None:
        """Connect its events."""
        opening = tab.select(guarded(self.opened), self.level, self.shown, **QUEUED)
        # The level chosen last is the one that stays: nothing of the opening may come after it.
        self.level.input(None, None, None, cancels=opening, **DIRECT)
        self.level.input(guarded(self.refresh), self.level, self.shown, trigger_mode="always_last", **QUEUED)
        for place, (_, _, start) in enumerate(self.exercises):
            start.click(guarded(lambda shown, n=place: self._start(n, shown)), self.plan, self.started, **QUEUED)


def card(page: Html) -> Html:
    """Return a part of the page in the scorecard's dress; nothing for nothing."""
    return tag("article", page, class_="card") if page else Html("")


def exercise_page(one: Exercise, number: int) -> Html:
    """Return one exercise of the study plan."""
    return tag(
        "div",
        tag("h4", f"{number}. {'Red flag: ' if isinstance(one.item, RedFlag) else ''}{one.item.text}"),
        fact("Do", one.task),
        fact("On", one.question.text) if one.question else None,
        fact("Done when", one.success),
        tag("p", one.why, f" The guide: {one.advice}." if one.advice else "", class_="quiet"),
        class_="exchange",
    )


def courses_page(found: Sequence[Course], past: Sequence[Past]) -> Html:
    """Return how each item went over time.

    Args:
        past: The graded answers of the level.
    """
    interviews = len({one.interview for one in past})
    of_kind = (
        ("Look-fors", [c for c in found if isinstance(c.item, LookFor)]),
        ("Expectations and depth", [c for c in found if not isinstance(c.item, LookFor | RedFlag)]),
        ("Red flags", [c for c in found if isinstance(c.item, RedFlag)]),
    )
    parts = [
        tag("h3", "Over time"),
        tag(
            "p",
            f"From {_count(len(past), 'graded answer')} in {_count(interviews, 'interview')}. A dot is one answer to a "
            "question that aimed at the item; hollow where the grade was unsure. A mean is given from three answers "
            "on, with the range it lies in with 95% confidence.",
            class_="quiet",
        ),
    ]
    for name, courses_of in of_kind:
        if courses_of:
            parts += [tag("h4", name), tag("ul", *(_course(one) for one in courses_of), class_="courses")]
    return card(tag("section", *parts, class_="exchange"))


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _course(one: Course) -> Html:
    return tag("li", tag("span", one.item.text), _dots(one), tag("span", _sum(one), class_="sum"))


def _sum(one: Course) -> str:
    answers = _count(len(one.points), "answer")
    if isinstance(one.item, RedFlag):
        raised = sum(point.value for point in one.points)
        if one.mean is None:
            return f"raised in {raised} of {answers}"
        return f"raised in {raised} of {answers} ({one.low:.0%} to {one.high:.0%})"
    if one.mean is None:
        return f"{answers}: too few to sum up"
    moved = f" · first three {one.first:.1f}, last three {one.last:.1f}" if one.first is not None else ""
    return f"mean {one.mean:.1f} of {one.top} ({one.low:.1f} to {one.high:.1f}), {answers}{moved}"


def _dots(one: Course) -> Html:
    points = one.points[-DRAWN:]
    width, height = 200.0, 30.0
    step = width / max(len(points) - 1, 1)
    places = [
        (n * step if len(points) > 1 else width / 2, height * (1 - point.value / one.top))
        for n, point in enumerate(points)
    ]
    lines = " ".join(f"M0,{height * k / one.top:.1f}H{width:.0f}" for k in range(one.top + 1))
    path = tag("polyline", class_="path", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places))
    dots = [
        tag(
            "circle",
            tag("title", f"{day(point.at)}: {point.value} of {one.top}"),
            class_="unsure" if point.confidence < 0.5 else None,
            cx=f"{x:.1f}",
            cy=f"{y:.1f}",
            r="4",
        )
        for (x, y), point in zip(places, points, strict=True)
    ]
    values = ", ".join(str(point.value) for point in points)
    label = f"{one.item.text}, oldest first: {values} of {one.top}"
    grid = tag("path", class_="grid", d=lines)
    return tag(
        "svg",
        grid,
        path,
        *dots,
        viewbox="-6 -6 212 42",
        preserveaspectratio="xMinYMid meet",
        role="img",
        aria_label=label,
    )


def stories_page(found: Sequence[Story], lacking: Sequence[LookFor], service: Service) -> Html:
    """Return the story bank."""
    if not found:
        return Html("")
    guide = service.guide
    rows = []
    for story in found:
        missing = ", ".join(story.missing)
        tellings = f"told {len(story.tellings)} times" if len(story.tellings) > 1 else "told once"
        summary = tag(
            "summary",
            tag("span", "“", story.title, "”", class_="name"),
            tag("span", tellings + (f" · no {missing}" if missing else ""), class_="words"),
        )
        parts = [
            fact(part.capitalize(), f"“{sentence}”" if sentence else "not found in any telling")
            for part, sentence in story.parts.items()
        ]
        shown = "; ".join(guide.words(item) for item in story.shown)
        claimed = "; ".join(guide.words(item) for item in story.claimed)
        last = story.tellings[-1].past
        rows.append(
            tag(
                "details",
                summary,
                tag(
                    "div",
                    tag("ul", *(_part(part, story) for part in PARTS), class_="parts"),
                    *parts,
                    fact("Has shown", shown or "nothing concrete yet"),
                    fact("Thin", f"claimed, with nothing concrete: {claimed}") if claimed else None,
                    tag("p", f"Last told {day(last.at)}, to: {last.scored.exchange.question}", class_="quiet"),
                    class_="body",
                ),
                class_="item story",
            )
        )
    none_yet = tag("ul", *(tag("li", item.text) for item in lacking), class_="outline") if lacking else None
    return card(
        tag(
            "section",
            tag("h3", "Your stories"),
            tag("p", "Found again by meaning, in answers and deep dives. The parts are read by simple rules.",
                class_="quiet"),
            *rows,
            tag("h4", "No story yet for") if lacking else tag("p", "Every look-for of this level has a story."),
            none_yet,
            class_="exchange",
        )
    )  # fmt: skip


def _part(part: str, story: Story) -> Html:
    there = part not in story.missing
    return tag("li", f"{'✓' if there else '✗'} {part}", class_=None if there else "missing")
