"""`interviewer regrade`: grade kept interviews once more, beside their grades."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from interviewer.commands.kept import readable
from interviewer.errors import InputError, UnknownInterview
from interviewer.grading.compare import agreement
from interviewer.grading.rating import Ungraded, Verdict
from interviewer.guide.model import Level
from interviewer.review.regrade import BAR, Job, Regrading, Summary
from interviewer.service import Service
from interviewer.settings import load_settings
from interviewer.wiring import Parts


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
    regrade = commands.add_parser("regrade", help="grade kept interviews again, beside their grades")
    which = regrade.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", default=[], metavar="ID", help="interviews, as `interviewer list` names them")
    which.add_argument("--all", action="store_true", help="every interview kept here")
    regrade.add_argument("--model", metavar="NAME", help="who grades: embedded, a profile's name, or a spec")
    regrade.add_argument("--guide", type=Path, metavar="FILE", help="grade on this guide: a file, or a folder of them")
    regrade.add_argument("--level", metavar="LEVEL", help="grade under this bar: senior or staff")
    regrade.add_argument("--run", metavar="ID", dest="known", help="go on with this run, and try what failed again")
    regrade.set_defaults(run=_regrade)


def _regrade(args: argparse.Namespace) -> int:
    settings = load_settings(args.config)
    parts = Parts(settings)
    service = parts.service()
    regrading = Regrading(service, settings.data_dir)
    model = settings.model(args.model) if args.model else settings.grader
    job = parts.job(model, _level(args.level), regrading.keep_guide(args.guide) if args.guide else None)
    ids = readable(service) if args.all else list(dict.fromkeys(args.ids))
    known = args.known or regrading.unfinished(ids, job)
    if known:
        job = replace(job, run=known)
    if args.known:
        _check(service, ids, job)
    tasks = regrading.left(ids, job, failed=bool(args.known))
    if not _work(regrading, tasks, job, "Going on with run" if known else "Run"):
        print(f"\nInterrupted. What was graded is kept; the same command goes on with run {job.run}.", file=sys.stderr)
        return 130
    _print(service, regrading, ids, job.run)
    return 0


def _level(name: str | None) -> Level | None:
    try:
        return Level(name.strip().lower()) if name else None
    except ValueError:
        raise InputError(f"There is no level {name!r}. Use senior or staff.") from None


def _check(service: Service, ids: Sequence[str], job: Job) -> None:
    """Make sure that a run that was named is there and was graded the same way.

    Raises:
        InputError: When it is not.
    """
    events = [event for one in ids for event in service.interview(one).regraded if event.run == job.run != BAR]
    if not events:
        raise InputError(f"There is no run {job.run!r} in these interviews. Leave --run out to begin one.")
    by = events[-1].by
    if by != job.grader.spec:
        raise InputError(f"Run {job.run} was graded by {by}, not by {job.grader.spec}. Give the same --model again.")


def _work(regrading: Regrading, tasks: Sequence[tuple[str, int]], job: Job, words: str) -> bool:
    """Grade with a bar on standard error; return whether it came to its end."""
    from tqdm import tqdm

    print(f"{words} {job.run}: {len(tasks)} answers by {job.grader.spec}", file=sys.stderr)
    try:
        for _ in tqdm(regrading.work(tasks, job), total=len(tasks), unit=" answers", file=sys.stderr, disable=None):
            pass
    except KeyboardInterrupt:
        return False
    except UnknownInterview:
        print("An interview was deleted meanwhile; the others can be gone on with.", file=sys.stderr)
        return False
    return True


def _print(service: Service, regrading: Regrading, ids: Sequence[str], run: str) -> None:
    """Print what moved in each interview and over all, and how far the two gradings agree."""
    summaries: dict[str, Summary] = {}
    for one in ids:
        state = service.interview(one)
        if any(event.run == run for event in state.regraded):
            summaries[one] = regrading.summary(state, run)
    print(f"{'interview':12}  {'answers':>7}  {'verdict':34}  {'moved':>5}  {'up':>3}  {'down':>4}  failed")
    for one, found in summaries.items():
        both = [pair.comparison for pair in found.pairs if pair.comparison]
        up, down = sum(len(c.rose) for c in both), sum(len(c.fell) for c in both)
        before, after = _words(found.before), _words(found.after)
        verdict = before if before == after else f"{before} -> {after}"
        print(
            f"{one:12}  {len(found.pairs):7}  {verdict:34}  {len(found.moved):5}  {up:3}  {down:4}  {len(found.failed)}"
        )
    compared = [pair.comparison for found in summaries.values() for pair in found.pairs if pair.comparison]
    ups = Counter(one.item.text for c in compared for one in c.rose)
    downs = Counter(one.item.text for c in compared for one in c.fell)
    if ups or downs:
        print("\nwhat moved")
    for text, _ in (ups + downs).most_common():
        print(f"   {text:46}  {ups[text]:3} up  {downs[text]:3} down")
    all_of = agreement(compared)
    if all_of.same is not None:
        kappa = "too few for a kappa" if all_of.kappa is None else f"weighted kappa {all_of.kappa:.2f}"
        print(f"\n{all_of.items} ratings in both, {all_of.same:.0%} the same; {kappa}")
    for one, found in summaries.items():
        for pair in found.pairs:
            if isinstance(pair.after.assessment, Ungraded):
                print(f"{one}, question {pair.after.position + 1}, ungraded: {pair.after.assessment.reason}")
    if any(found.failed for found in summaries.values()):
        print(f"To try those again, give the same command with --run {run}.")


def _words(overall: int | None) -> str:
    return Verdict.of(overall).words if overall else "not enough to say"
