"""One turn of a finished or running interview, with what was known at that turn. Pure."""

from interviewer.grading.rating import Assessment, Grade
from interviewer.grading.scorecard import score
from interviewer.guide.model import Guide
from interviewer.interview.state import Asked, Interview, Said
from interviewer.ui.card import not_graded
from interviewer.ui.html import Html, marked, tag
from interviewer.ui.rated import Shown, exchange_items, flags, item_details, marks
from interviewer.ui.view import CUT_OFF

STEP_WORDS = {"ask": "asks", "probe": "probes", "answer": "answers", "close": "closes"}


def step_count(interview: Interview) -> int:
    """Return how many turns there are to step through."""
    return len(interview.said)


def known(asked: Asked, replies: int) -> Assessment | None:
    """Return the newest assessment that had read no more than so many replies."""
    seen = [(read, place, outcome) for place, (read, outcome) in enumerate(asked.assessments) if read <= replies]
    return max(seen, key=lambda entry: entry[:2])[2] if seen else None


def turn_page(interview: Interview, turn: int, guide: Guide) -> tuple[Html, Html]:
    """Return the conversation of an exchange up to a turn, and the ratings known by then.

    Args:
        turn: Place in the transcript, from 0.
    """
    if not interview.said:
        return tag("p", "Nothing was said in this interview.", class_="empty"), Html("")
    now = interview.said[turn]
    upto = [said for said in interview.said[: turn + 1] if said.exchange == now.exchange]
    replies = sum(said.speaker == "candidate" for said in upto)
    if now.exchange is None:
        return _turns(upto, now, []), Html("")
    asked = interview.asked[now.exchange]
    level = interview.plan.level
    rubric = guide.rubric(level, asked.ask.kind, asked.ask.aims)
    scored = score(now.exchange, rubric, asked.exchange(level), known(asked, replies))
    shown = exchange_items(scored)
    head = tag(
        "p",
        f"Question {now.exchange + 1} of {len(interview.asked)} · {asked.ask.kind.words}",
        class_="kicker",
    )
    talk = tag("div", head, *_turns_list(upto, now, shown), class_="turns")
    if not isinstance(scored.assessment, Grade):
        words = not_graded(scored) if replies else "No answer yet at this turn."
        return talk, tag(
            "section", tag("h3", "Ratings at this turn"), tag("p", words, class_="quiet"), class_="exchange"
        )
    first = [one for one in shown if one.rating and (one.rating.value or one.item.id in rubric.aims)]
    side = tag(
        "section",
        tag("h3", "Ratings at this turn"),
        tag("p", "The numbers and colours are those marked in the answers.", class_="quiet"),
        None if first else tag("p", "Nothing shown yet.", class_="quiet"),
        *(item_details(one, guide) for one in first),
        flags(scored, guide),
        class_="exchange",
    )
    return talk, side


def _turns(upto: list[Said], now: Said, shown: list[Shown]) -> Html:
    return tag("div", *_turns_list(upto, now, shown), class_="turns")


def _turns_list(upto: list[Said], now: Said, shown: list[Shown]) -> list[Html]:
    turns = []
    reply = 0
    for said in upto:
        current = said is now
        if said.speaker == "candidate":
            body = marked(said.text, marks(shown, reply)) if said.text else "(silence)"
            who = "You" if said.intent in (None, "answer") else f"You · {str(said.intent).replace('_', ' ')}"
            reply += 1
        else:
            body = said.text + (CUT_OFF if said.interrupted else "")
            who = "Interviewer" + (f" {STEP_WORDS[said.step.name]}" if said.step else "")
        turns.append(
            tag(
                "div",
                tag("span", who, class_="who"),
                body,
                class_=f"turn {said.speaker}" + (" now" if current else ""),
                aria_current="step" if current else None,
            )
        )
    return turns
