"""The `interviewer` command."""

import argparse
import contextlib
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interviewer import __version__
from interviewer.commands import again, files, library, progress, regrade
from interviewer.cost import cost_of, in_words, tally
from interviewer.errors import InputError, InterviewerError
from interviewer.grading.rating import NotAssessed, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.service import Service, Setup
from interviewer.settings import Settings, load_settings

ABOUT = "Mock interviews for senior and staff software engineers. Practice, not a hiring tool."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0 done, 1 a fault, 2 something the user can mend."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args) or 0)
    except InterviewerError as error:
        print(f"interviewer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. Everything said so far is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        fault = uuid.uuid4().hex[:8]
        logging.getLogger("interviewer").exception("fault %s", fault)
        print(f"interviewer: this is a fault of the program (id {fault}, in the log above).", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="interviewer", description=ABOUT)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--config", type=Path, help="settings file (default: ./interviewer.toml if it is there)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

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

    grade = commands.add_parser("grade", help="grade replies from a JSON Lines file")
    grade.add_argument("input", type=Path, metavar="IN.jsonl")
    grade.add_argument("--model", metavar="SPEC", help="embedded, a profile's name, or provider:model")
    grade.add_argument("--out", type=Path, metavar="OUT.jsonl", help="default: standard output")
    grade.set_defaults(run=_grade)

    guide = commands.add_parser("guide", help="work with interview guides")
    guide_commands = guide.add_subparsers(required=True, metavar="COMMAND")
    check = guide_commands.add_parser("check", help="read a guide and say what it lacks")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
    check.set_defaults(run=_guide_check)

    bench = commands.add_parser("bench", help="measure a grader on the calibration set")
    bench_commands = bench.add_subparsers(required=True, metavar="COMMAND")
    agreement = bench_commands.add_parser("agreement", help="agreement with the labelled ratings")
    agreement.add_argument("--set", default="development", help="train, development, test, or a labelled FILE.jsonl")
    agreement.add_argument("--repeats", type=int, default=20, metavar="N", help="how many are graded twice (20)")
    invariance = bench_commands.add_parser("invariance", help="what moves a grade that should not")
    calibration = bench_commands.add_parser("calibration", help="check that the set keeps its promises")
    calibration.set_defaults(run=_bench_calibration)
    latency = bench_commands.add_parser("latency", help="own time beside a model's, on a scripted loopback server")
    latency.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
    latency.set_defaults(run=_bench_latency)
    for one, run in ((agreement, _bench_agreement), (invariance, _bench_invariance)):
        one.add_argument("--model", metavar="SPEC", help="embedded, a profile's name, or provider:model")
        one.add_argument("--limit", type=int, metavar="N", help="at most N replies or pairs, spread over the set")
        one.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
        one.set_defaults(run=run)

    for family in (library, regrade, again, files, progress):
        family.add(commands)
    show = commands.add_parser("show", help="show an interview with its ratings")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)
    commands.add_parser("doctor", help="say what is configured, what works, and what to do").set_defaults(run=_doctor)
    return parser


def _settings(args: argparse.Namespace) -> Settings:
    return load_settings(args.config)


def _service(settings: Settings) -> Service:
    from interviewer.wiring import build_service

    return build_service(settings)


# -- chat ------------------------------------------------------------------------------------------------------------


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
    service = _service(load_settings(args.config, flags={"model": args.model}))
    if args.resume:
        interview = args.resume
        for said in service.interview(interview).said[-4:]:
            print(f"\n{'You' if said.speaker == 'candidate' else 'Interviewer'}: {said.text}")
    else:
        setup = Setup(parse_level(args.level), parse_kinds(args.kinds), args.minutes, args.seed, args.manner)
        interview = service.start(setup)
        print(
            f"{ABOUT}\nInterview {interview}. An answer ends with an empty line; "
            "/pause, /undo and /end do what they say."
        )
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
                _say(service.reply(interview, text))
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


def _say(words: Iterator[str]) -> None:
    print("\nInterviewer: ", end="", flush=True)
    for word in words:
        print(word, end="", flush=True)
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


# -- looking ---------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace) -> None:
    service = _service(_settings(args))
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
            print(f"   red flag: {service.guide.item(flag.item).text} ({quotes or 'from what is missing'})")
    print("\n-- reads as")
    for reading in card.readings:
        print(f"   {reading.aspect.name}: {reading.column}")
    cost = cost_of(service.interview(interview))
    if cost.total.pieces:
        print("\n-- cost")
        print(f"   interviewer: {in_words(cost.interviewer) or 'no model was paid for'}")
        print(f"   grader: {in_words(cost.grader) or 'no model was paid for'}")
        print(f"   together: {in_words(cost.total)}")


# -- grade -----------------------------------------------------------------------------------------------------------


def _grade(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from interviewer.graded_line import grade_line
    from interviewer.wiring import Parts

    settings = _settings(args)
    parts = Parts(settings)
    model = settings.model(args.model) if args.model else settings.grader
    grader = parts.grader_for(model)
    try:
        # Lone surrogates and bytes that are no UTF-8 are kept apart from the line's structure, and never end the run.
        lines = args.input.read_bytes().decode("utf-8", "replace").split("\n")
    except OSError as error:
        raise InputError(f"{str(args.input)!r} cannot be read: {error.strerror}. Give a JSON Lines file.") from None
    lines = [line for line in lines if line.strip()]
    with _output(args.out) as out:
        for line in tqdm(lines, unit=" replies", file=sys.stderr, disable=None):
            # ASCII escapes carry even a lone surrogate, so that every quote stays a slice of its reply.
            out.write(json.dumps(grade_line(line, grader, parts.guide)) + "\n")
            out.flush()


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[Any]:
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        yield sys.stdout
        return
    try:
        out = path.open("w", encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}.") from None
    with out:
        yield out


# -- bench -----------------------------------------------------------------------------------------------------------


def _grader(args: argparse.Namespace) -> tuple[Any, Any]:
    """Return the parts of this installation and the grader that was asked for."""
    from interviewer.wiring import Parts

    settings = _settings(args)
    parts = Parts(settings)
    model = settings.model(args.model) if args.model else settings.grader
    grader = parts.grader_for(model)
    if model.embedded:
        return parts, grader
    from interviewer.bench.kept import KeptGrader
    from interviewer.prompts import load_prompt

    prompt = load_prompt(settings.prompts, "grade")
    return parts, KeptGrader(grader, model, prompt.hash, settings.data_dir / "bench-cache")


def _print_report(args: argparse.Namespace, grader: Any, report: dict[str, Any], table: str) -> None:
    from interviewer.bench import kept

    work = grader.work() if isinstance(grader, kept.KeptGrader) else None
    if args.json:
        print(json.dumps(report | {"work": work} if work else report))
        return
    print(table)
    if work:
        print(f"\n{kept.render(work)}")


def _bench_agreement(args: argparse.Namespace) -> None:
    from interviewer.bench import agreement, calibration

    parts, grader = _grader(args)
    labelled = calibration.chosen(args.set, args.limit)
    report = agreement.measure(labelled, grader, parts.guide, repeats=args.repeats)
    if args.set == "test":
        calibration.log_look(report["engine"], report["version"], report["overall"]["kappa"])
    _print_report(args, grader, report, agreement.render(report))


def _bench_invariance(args: argparse.Namespace) -> None:
    from interviewer.bench import calibration, invariance

    parts, grader = _grader(args)
    pairs = calibration.spread(calibration.records(calibration.PAIRS), args.limit)
    report = invariance.measure(pairs, calibration.load(), grader, parts.guide)
    _print_report(args, grader, report, invariance.render(report))


def _bench_latency(args: argparse.Namespace) -> None:
    from interviewer.bench import latency

    report = latency.measure()
    print(json.dumps(report) if args.json else latency.render(report))


def _bench_calibration(args: argparse.Namespace) -> int:
    from interviewer.bench import calibration
    from interviewer.guide.markdown import read_guide

    labelled = calibration.load()
    broken = list(calibration.check(labelled, read_guide([_settings(args).guide])[0]))
    for promise in broken:
        print(promise)
    kappa = calibration.length_kappa(labelled)
    print(f"{len(labelled)} replies, {len(broken)} promises broken; length alone reaches a kappa of {kappa:.2f}")
    return 1 if broken else 0


# -- guide check -----------------------------------------------------------------------------------------------------


def _guide_check(args: argparse.Namespace) -> None:
    from interviewer.guide.markdown import read_guide

    guide, findings = read_guide([args.file])
    counts = {
        "questions": len(guide.questions),
        "look_fors": len(guide.look_fors),
        "probes": len(guide.probes),
        "red_flags": len(guide.red_flags),
        "expectations": len(guide.expectations),
    }
    if args.json:
        print(json.dumps({"counts": counts, "warnings": [str(f) for f in findings]}, ensure_ascii=False))
        return
    print(f"{guide.title}: " + ", ".join(f"{n} {name.replace('_', '-')}" for name, n in counts.items()))
    for finding in findings:
        print(f"warning: {finding}")


# -- doctor ----------------------------------------------------------------------------------------------------------


def _doctor(args: argparse.Namespace) -> int:
    from interviewer.doctor import examine

    worst = 0
    for check in examine(_settings(args)):
        mark = {"ok": "ok   ", "warning": "note ", "failed": "FAIL "}[check.state]
        print(f"{mark} {check.text}")
        worst = max(worst, 2 if check.state == "failed" else 0)
    return worst


if __name__ == "__main__":
    sys.exit(main())
