"""`interviewer chat` and `interviewer show`: an interview held in this terminal, and looked at afterwards."""

import argparse
import sys
from collections.abc import Iterator

from interviewer.cost import cost_of, in_words, tally
from interviewer.errors import InputError
from interviewer.grading.rating import NotAssessed, Ungraded
from interviewer.grading.scorecard import MIN_ASSESSED
from interviewer.guide.model import Kind, Level
from interviewer.interview.plan import no_verdict, warning
from interviewer.service import Service, Setup
from interviewer.settings import load_settings
from interviewer.wiring import build_service

ABOUT = "Mock interviews for senior and staff software engineers. Practice, not a hiring tool."


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
    chat = commands.add_parser("chat", help="hold an interview in this terminal")
    chat.add_argument("--level", default="senior", help="senior or staff")
    chat.add_argument(
        "--kinds",
        default="behavioral",
        help="behavioral, deep-dive, system-design, coding, several with commas, or loop",
    )
    chat.add_argument("--minutes", type=int, default=45, help="length, 5 to 120")
    chat.add_argument("--seed", type=int, help="same seed, same questions and wording")
    chat.add_argument("--manner", default="neutral", choices=["friendly", "neutral", "tough"])
    chat.add_argument("--model", metavar="NAME", help="who speaks and grades: embedded, a profile's name, or a spec")
    chat.add_argument("--resume", metavar="ID", help="go on with an interview")
    chat.set_defaults(run=_chat)

    show = commands.add_parser("show", help="show an interview with its ratings")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)


def parse_level(text: str) -> Level:
    """Return a level by name.

    Raises:
        InputError: When it is none.
    """
    try:
        return Level(text.strip().lower())
    except ValueError:
        raise InputError(f"There is no level {text!r}. Use senior or staff.") from None


def parse_kinds(text: str) -> tuple[Kind, ...]:
    """Return kinds from a list with commas; `loop` is all of them.

    Raises:
        InputError: When one of them is none.
    """
    names = [name.strip().lower().replace(" ", "-").replace("_", "-") for name in text.split(",") if name.strip()]
    if names == ["loop"] or names == ["full-loop"]:
        return tuple(Kind)
    unknown = [name for name in names if name not in set(Kind)]
    if unknown or not names:
        named = ", ".join(map(repr, unknown)) or "''"
        raise InputError(f"There is no kind {named}. Use behavioral, deep-dive, system-design, coding, or loop.")
    return tuple(Kind(name) for name in names)


def _chat(args: argparse.Namespace) -> None:
    service = build_service(load_settings(args.config, flags={"model": args.model}))
    if args.resume:
        interview = args.resume
    else:
        setup = Setup(parse_level(args.level), parse_kinds(args.kinds), args.minutes, args.seed, args.manner)
        interview = service.start(setup)
        print(
            f"{ABOUT}\nInterview {interview}. An answer ends with an empty line; "
            "/pause, /undo and /end do what they say."
        )
        if words := warning(service.guide, setup.level, setup.kinds, setup.minutes, MIN_ASSESSED):
            print(words)
    hold(service, interview)


def hold(service: Service, interview: str) -> None:
    """Hold an interview from where it stands until it ends or pauses, and show what came of it."""
    for said in service.interview(interview).said[-4:]:
        print(f"\n{'You' if said.speaker == 'candidate' else 'Interviewer'}: {said.text}")
    service.unpause(interview)
    _say(service.resume(interview))
    while not service.interview(interview).closed:
        text = _read_answer()
        if text is None or text == "/pause":
            service.pause(interview)
            print(f"\nPaused. Go on with: interviewer chat --resume {interview}")
            return
        try:
            if text == "/end":
                _say(service.finish(interview))
            elif text == "/undo":
                print(f"\nTaken back. It was:\n{service.withdraw(interview)}")
            else:
                _reply(service, interview, text)
        except InputError as error:
            print(f"\n{error}")
    _wait_for_grades(service, interview)
    print()
    _print_card(service, interview)


def _wait_for_grades(service: Service, interview: str) -> None:
    """Wait for gradings that are still running, with a bar of how many are done."""
    from tqdm import tqdm

    left = service.wait_for_grades(interview, seconds=0)
    if not left:
        return
    print(file=sys.stderr)
    with tqdm(total=left, desc="Grading", unit=" answers", file=sys.stderr, disable=None) as bar:
        while left:
            before, left = left, service.wait_for_grades(interview, seconds=0.2)
            bar.update(before - left)


def _reply(service: Service, interview: str, text: str) -> None:
    try:
        words = service.reply(interview, text)
    except InputError as error:
        service.save_draft(interview, text)
        print(f"\n{error}\nWhat you typed here is kept as the interview's draft, which the app shows in its box.")
        return
    _say(words)


def _say(words: Iterator[str]) -> None:
    """Print what the interviewer says as it comes; nothing at all when nothing is waiting to be said."""
    lead = "\nInterviewer: "
    for word in words:
        print(lead + word, end="", flush=True)
        lead = ""
    if not lead:
        print()


def _read_answer() -> str | None:
    """Read lines up to an empty one; None at the end of input."""
    print("\nYou: ", end="", flush=True)
    lines: list[str] = []
    for line in sys.stdin:
        line = line.rstrip("\n")
        if not line.strip() or (not lines and line.startswith("/")):
            return line.strip() if line.startswith("/") else "\n".join(lines)
        lines.append(line)
    return "\n".join(lines) if lines else None


# -- looking ----------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace) -> None:
    service = build_service(load_settings(args.config))
    state = service.interview(args.id)
    for said in state.said:
        print(f"{'You' if said.speaker == 'candidate' else 'Interviewer'}: {said.text}")
        print(f"   [{in_words(tally([said.spent]))}]\n" if said.spent else "")
    _print_card(service, args.id)


def _print_card(service: Service, interview: str) -> None:
    """Print the scorecard: the verdict, each exchange's ratings with quotes, the flags, the level read-out."""
    card = service.scorecard(interview)
    verdict = f"{card.verdict.words} at {card.level.value}" if card.verdict else "not enough to say"
    print(f"== {verdict} ({card.assessed} of {len(card.exchanges)} exchanges graded)")
    if card.verdict is None:
        print(f"   {no_verdict(service.interview(interview).plan, card.assessed, MIN_ASSESSED)}")
    for one in card.exchanges:
        print(f"\n-- {one.exchange.question}")
        assessment = one.assessment
        if isinstance(assessment, NotAssessed | Ungraded) or assessment is None:
            reason = assessment.reason if assessment else "Grading has not finished."
            print(f"   {'ungraded' if isinstance(assessment, Ungraded) else 'not assessed'}: {reason}")
            continue
        print(f"   {one.verdict.words if one.verdict else ''}{one.spread}, scope {assessment.scope.value}")
        for item in (*one.rubric.criteria, *one.rubric.probes):
            rating = assessment.rating(item.id)
            if rating is None:
                print(f"   -  {item.text}: no rating, its quote was not in the answer")
                continue
            top = 2 if item in one.rubric.probes else 3
            print(f"   {rating.value}/{top}  {item.text}  (confidence {rating.confidence:.0%})")
            for span in rating.evidence:
                print(f'         "{span.quote(one.exchange.replies)}"')
        for flag in assessment.flags:
            quotes = " / ".join(f'"{span.quote(one.exchange.replies)}"' for span in flag.evidence)
            print(f"   red flag: {service.guide.words(flag.item)} ({quotes or 'from what is missing'})")
    print("\n-- reads as")
    for reading in card.readings:
        print(f"   {reading.aspect.name}: {reading.column}")
    cost = cost_of(service.interview(interview))
    if cost.total.pieces:
        print("\n-- cost")
        print(f"   interviewer: {in_words(cost.interviewer) or 'no model was paid for'}")
        print(f"   grader: {in_words(cost.grader) or 'no model was paid for'}")
        print(f"   together: {in_words(cost.total)}")
