from dataclasses import replace

import pytest

from interviewer.grading.rating import Ungraded
from interviewer.guide.model import Fact, Kind, Level
from interviewer.interview.events import (
    Answer,
    Ask,
    CandidateReplied,
    Close,
    InterviewerSpoke,
    InterviewStarted,
    Probe,
    ReplyGraded,
    StepChosen,
)
from interviewer.interview.intent import read_intent
from interviewer.interview.plan import make_plan
from interviewer.interview.policy import CONCRETE_ANGLES, first_step, next_step
from interviewer.interview.state import fold  # fmt: skip
from tests.helpers import START, grade


class Course:
    """An interview moved by hand."""

    def __init__(self, guide, kind=Kind.BEHAVIORAL, level=Level.STAFF, minutes=45) -> None:
        self.guide = guide
        self.events = [
            InterviewStarted(
                make_plan(guide, level, (kind,), minutes, 1), guide.hash, "embedded", "embedded", "0", START
            )
        ]
        self.take(first_step(self.state))

    @property
    def state(self):
        return fold(self.events)

    def take(self, step) -> None:
        self.events += [StepChosen(step, START), InterviewerSpoke("words", at=START)]

    def say(self, text, values=None, seconds=60, facts=(), unsure=()):
        """Reply, and return the step that follows; the sensor is unsure of the items named."""
        self.events.append(CandidateReplied(text, read_intent(text), START))
        reading = None
        if values is not None:
            kind = self.state.asked[-1].ask.kind
            items = self.guide.rubric(self.state.plan.level, kind).items()
            reading = grade({item.id: values if isinstance(values, int) else values.get(item.id, 0) for item in items})
            reading = replace(
                reading,
                ratings=tuple(replace(r, confidence=0.4) if r.item in unsure else r for r in reading.ratings),
            )
            self.events.append(ReplyGraded(len(self.state.asked) - 1, self.state.asked[-1].replies, reading, at=START))
        readings = [*(asked.assessment for asked in self.state.asked[:-1]), reading]
        step = next_step(self.state, readings, self.guide, seconds, facts)
        self.take(step)
        return step


def only(course, question, **changes):
    """Make a course's interview one of a single question and return it."""
    plan = replace(course.state.plan, questions=(replace(question, **changes),))
    course.events = [replace(course.events[0], plan=plan)]
    course.take(first_step(course.state))
    return course


def with_two_aims(course):
    """Return a course on a question that aims at two items, and their ids."""
    plan = course.state.plan
    # An aim may be a red flag too, which is not probed for.
    rated = {item.id for item in course.guide.rubric(plan.level, plan.kinds[0]).items()}
    question = next(q for q in plan.questions if len(rated.intersection(q.aims)) > 1)
    aims = tuple(aim for aim in question.aims if aim in rated)[:2]
    return only(course, question, aims=aims), aims


def test_a_weak_answer_is_probed_for_what_the_question_aims_at(guide) -> None:
    course = Course(guide, Kind.DEEP_DIVE)
    aims = course.state.asked[0].ask.aims
    step = course.say("I did some things there with people.", 0)
    assert isinstance(step, Probe)
    assert step.item == aims[0]
    assert step.weak
    assert step.angle in guide.item(aims[0]).angles
    assert step.chunk == guide.passage(step.item).id


@pytest.mark.parametrize("value", [0, 1])
def test_a_story_only_claimed_is_first_asked_for_something_particular(guide, value) -> None:
    course, aims = with_two_aims(Course(guide))
    # What it was not asked for may be there all the same.
    other = next(item.id for item in guide.rubric(Level.STAFF, Kind.BEHAVIORAL).items() if item.id not in aims)
    step = course.say("I always bring people together and drive strategy.", {other: 3, **dict.fromkeys(aims, value)})
    assert step.item == aims[0]
    assert step.angle in CONCRETE_ANGLES
    assert not step.weak
    second = course.say("I always do, as I said.", dict.fromkeys(aims, value))
    assert second.item == aims[1]
    assert second.angle in guide.item(aims[1]).angles


def test_a_story_that_shows_one_of_its_aims_is_asked_about_the_other(guide) -> None:
    course, aims = with_two_aims(Course(guide))
    step = course.say("I moved four teams off the old queue.", {aims[0]: 2})
    assert step.item == aims[1]
    assert step.angle in guide.item(aims[1]).angles


def test_a_story_only_claimed_is_asked_for_each_particular_once(guide) -> None:
    course = Course(guide)
    heard = []
    while not isinstance(step := course.say("I always do that well.", 0), Close) and len(heard) < 3:
        if isinstance(step, Probe) and step.number == 1:
            heard.append(step.angle)
    assert tuple(heard) == CONCRETE_ANGLES


def test_a_complete_answer_is_not_probed(guide) -> None:
    assert isinstance(Course(guide).say("A full story.", 3), Ask)


@pytest.mark.parametrize(
    ("kind", "budget"), [(Kind.BEHAVIORAL, 2), (Kind.DEEP_DIVE, 5), (Kind.SYSTEM_DESIGN, 4), (Kind.CODING, 3)]
)
def test_probes_keep_to_the_budget_of_the_kind(guide, kind, budget) -> None:
    course = Course(guide, kind)
    steps = []
    while isinstance(step := course.say("Something vague was done about it.", 0), Probe):
        steps.append(step)
    aims = course.state.asked[0].ask.aims
    most = min(budget, len(aims)) if kind is Kind.BEHAVIORAL else budget
    assert len(steps) == most
    assert len({s.item for s in steps}) == most
    assert [s.number for s in steps] == list(range(1, most + 1))


def test_a_deep_dive_walks_the_depth_and_leaves_out_what_was_answered(guide) -> None:
    course = Course(guide, Kind.DEEP_DIVE)
    given = {"requirements": 2, "alternatives": 2, "trade-offs": 1, "evolution": 2}
    first = course.say("It had to because ...", given)
    assert first.item in course.state.asked[0].ask.aims
    asked = {first.item}
    while isinstance(step := course.say("And so on with it.", given), Probe):
        asked.add(step.item)
    assert not asked & {"requirements", "alternatives", "evolution"}
    assert asked == {"trade-offs", "hindsight", "buy-in", "disagreements"}


def test_no_example_is_accepted_once_and_the_interview_moves_on(guide) -> None:
    step = Course(guide).say("I don't have an example of that.", 0)
    assert isinstance(step, Ask)
    assert step.because == "no_example"
    assert step.number == 2


def test_skip_stop_time_and_requests(guide) -> None:
    assert Course(guide).say("skip").because == "skipped"
    assert Course(guide).say("stop") == Close("stopped")
    assert Course(guide).say("How much time is left?", seconds=600) == Answer("time", minutes_left=35)
    assert Course(guide).say("Could you rephrase that?") == Answer("rephrase")
    assert Course(guide).say("How am I doing?") == Answer("request")


def test_silence_is_waited_for_twice(guide) -> None:
    course = Course(guide)
    assert course.say("") == Answer("silence")
    assert course.say("Let me think.") == Answer("silence")
    moved = course.say("")
    assert isinstance(moved, Ask)
    assert moved.because == "skipped"


def test_an_answer_in_between_ends_the_waiting(guide) -> None:
    course = Course(guide)
    course.say("")
    course.say("")
    course.say("Something vague was done about it.", 0)
    assert course.say("") == Answer("silence")


def test_another_language_is_said_to_be_one_once(guide) -> None:
    course = Course(guide)
    german = "Ich habe die Buchungen in eine Warteschlange verschoben."
    assert course.say(german) == Answer("language")
    assert isinstance(course.say(german), Ask)


def test_nothing_to_say_on_a_follow_up_does_not_end_the_question(guide) -> None:
    course = Course(guide, Kind.SYSTEM_DESIGN, Level.SENIOR)
    first = course.say("Something vague was done about it.", 0)
    second = course.say("I can't think of a second approach.", 0)
    assert isinstance(second, Probe)
    assert second.item != first.item
    moved = course.say("Nothing comes to mind.", 0)
    assert isinstance(moved, Ask | Close)
    assert moved.because == "done"


@pytest.mark.parametrize("kind", [Kind.BEHAVIORAL, Kind.DEEP_DIVE])
def test_a_story_that_is_not_there_is_not_asked_for_twice(guide, kind) -> None:
    def second(values):
        course, _ = with_two_aims(Course(guide, kind))
        assert isinstance(course.say("The other team broke it.", values), Probe)
        return course.say("I have no example of that.", values)

    assert second(1) == Close("done")
    shown = list(guide.rubric(Level.STAFF, kind).items())[-1].id
    assert isinstance(second({shown: 2}), Probe)


def test_moving_on_from_a_story_that_is_not_there_says_so(guide) -> None:
    course = Course(guide)
    course.say("The other team broke it.", 0)
    assert course.say("I have no example of that.", 0).because == "no_example"


def test_a_clarifying_question_gets_the_facts_or_the_freedom_to_decide(guide) -> None:
    course = Course(guide, Kind.SYSTEM_DESIGN, Level.SENIOR)
    known = (Fact("users", "a lot"), Fact("time", "two weeks"))
    assert course.say("How many users?", facts=known[:1]) == Answer("clarify", fact="users: a lot")
    both = course.say("How many users? And is there a deadline?", facts=known)
    assert both == Answer("clarify", fact="users: a lot\ntime: two weeks")
    assert course.say("Is there a mobile client?") == Answer("clarify", fact="")


def test_time_ends_the_interview_and_is_kept_for_the_next_question(guide) -> None:
    assert Course(guide).say("A story.", 0, seconds=45 * 60) == Close("time")
    late = Course(guide).say("A full story.", 3, seconds=44 * 60)
    assert late == Close("time")


def test_a_question_that_overruns_is_left(guide) -> None:
    step = Course(guide).say("Still on this one.", 0, seconds=12 * 60)
    assert isinstance(step, Ask)
    assert step.because == "time"


def test_without_a_reading_the_interview_goes_on(guide) -> None:
    course = Course(guide)
    course.events.append(CandidateReplied("Eine Antwort auf Deutsch, die niemand hier lesen kann.", "answer", START))
    assert isinstance(next_step(course.state, [Ungraded("not English")], guide, 60), Ask)


def test_later_comes_back_at_the_end(guide) -> None:
    course = Course(guide, minutes=20)
    first = course.state.asked[0].ask
    step = course.say("Can we come back to this later?")
    assert step.because == "later"
    while isinstance(step, Ask) and step.question != first.question:
        step = course.say("A full story.", 3)
    assert isinstance(step, Ask)
    assert step.question == first.question
    assert step.because == "return"


def test_a_question_put_aside_as_the_only_one_left_comes_back_at_once(guide) -> None:
    course = Course(guide, minutes=5)
    assert len(course.state.plan.questions) == 1
    step = course.say("Can we come back to this later?")
    assert isinstance(step, Ask)
    assert step.because == "return"


def test_an_interview_ends_when_the_plan_is_done(guide) -> None:
    course = Course(guide, minutes=20)
    step = None
    for _ in range(30):
        step = course.say("A full story.", 3)
        if isinstance(step, Close):
            break
    assert step == Close("done")
    assert len(course.state.asked) == len(course.state.plan.questions)


def test_what_another_answer_has_shown_is_worth_less(guide) -> None:
    course = Course(guide)
    plan = course.state.plan
    shared = [q for q in plan.questions if len(q.aims) > 1]
    question = shared[0]
    course.events[0] = replace(course.events[0], plan=replace(plan, questions=(plan.questions[0], question)))
    course.say("A full story.", 3)
    step = course.say("Something vague.", dict.fromkeys(question.aims, 1))
    assert isinstance(step, Probe)
    assert step.item in question.aims


def test_a_short_answer_is_not_asked_for_its_short_version(guide) -> None:
    for seed in range(6):
        course = Course(guide, level=Level.SENIOR)
        plan = course.state.plan
        question = replace(plan.questions[0], aims=("communicates-clearly", "takes-ownership"))
        course.events = [replace(course.events[0], plan=replace(plan, questions=(question,), seed=seed))]
        course.take(first_step(course.state))
        step = course.say("I did it, and it went fine.", {"takes-ownership": 2})
        assert step.item == "communicates-clearly"
        assert "short" not in step.angle


@pytest.mark.parametrize("kind", [Kind.SYSTEM_DESIGN, Kind.DEEP_DIVE, Kind.CODING])
def test_what_is_perhaps_not_shown_is_asked_about_while_there_is_time(guide, kind) -> None:
    def steps(minutes_used, unsure=True, value=2):
        course = Course(guide, kind, minutes=45)
        only(course, course.state.plan.questions[0])
        aims = course.state.asked[0].ask.aims
        values = dict.fromkeys((i.id for i in guide.rubric(Level.STAFF, kind, aims).items()), 2)
        at = {"seconds": 60 * minutes_used, "unsure": aims[1:2] if unsure else ()}
        return aims[1], [course.say("A full answer.", values | {aims[1]: value}, **at) for _ in range(2)]

    item, (probe, moved) = steps(5)
    assert isinstance(probe, Probe)
    assert probe.item == item
    assert probe.angle in guide.item(item).angles
    assert moved == Close("done")
    assert steps(5, unsure=False)[1][0] == Close("done")
    assert steps(45)[1][0] == Close("time")


def test_what_is_missing_goes_before_what_is_perhaps_not_shown(guide) -> None:
    course = Course(guide, Kind.SYSTEM_DESIGN)
    only(course, course.state.plan.questions[0])
    aims = course.state.asked[0].ask.aims
    items = [item.id for item in guide.rubric(Level.STAFF, Kind.SYSTEM_DESIGN, aims).items()]
    missing = next(item for item in reversed(items) if item not in aims and guide.item(item).angles)
    values = dict.fromkeys(items, 2) | {missing: 0}
    order = [course.say("A good part of it.", values, unsure=aims).item for _ in range(2)]
    assert order[0] == missing
    assert order[1] in aims


def test_no_time_of_the_questions_to_come_is_spent_on_what_is_perhaps_not_shown(guide) -> None:
    def step(minutes_used):
        course = Course(guide, Kind.SYSTEM_DESIGN, minutes=40)
        assert len(course.state.plan.questions) == 2
        return course.say("A full answer.", 2, seconds=60 * minutes_used, unsure=course.state.asked[0].ask.aims)

    assert isinstance(step(19), Probe)
    assert isinstance(step(21), Ask)


def test_a_story_is_not_asked_about_what_is_perhaps_not_shown(guide) -> None:
    course = Course(guide)
    assert isinstance(course.say("A full story.", 2, unsure=course.state.asked[0].ask.aims), Ask)


def test_the_same_interview_gets_the_same_steps(guide) -> None:
    def steps():
        course = Course(guide)
        return [course.say(text, 1) for text in ("I always do that.", "I have no example of that.", "We all agreed.")]

    assert steps() == steps()
