"""`interviewer bench`: what a grader's ratings are worth, measured."""

import argparse
import json
from typing import Any

from interviewer.settings import load_settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
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


def _grader(args: argparse.Namespace) -> tuple[Any, Any]:
    """Return the parts of this installation and the grader that was asked for."""
    from interviewer.wiring import Parts

    settings = load_settings(args.config)
    parts = Parts(settings)
    model = settings.model(args.model) if args.model else settings.grader
    grader = parts.grader_for(model)
    if model.embedded:
        return parts, grader
    from interviewer.bench.kept import KeptGrader
    from interviewer.prompts import load_prompt

    prompt = load_prompt(settings.prompts, "grade")
    models = [model, *(settings.model(name) for name in model.fallbacks)]
    return parts, KeptGrader(grader, models, prompt.hash, settings.data_dir / "bench-cache")


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
    if args.set == "test" and args.limit is None:
        version = f"{report['version']} {report['prompt_hash']}".strip()
        calibration.log_look(report["engine"], version, report["overall"]["kappa"])
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
    broken = list(calibration.check(labelled, read_guide([load_settings(args.config).guide])[0]))
    for promise in broken:
        print(promise)
    items, met, share = calibration.marked_twice(labelled)
    print(f"{items} items marked by two readers, who meet in {met:.0%}; an item's marks are {share:.0%} of the reply")
    kappa = calibration.length_kappa(labelled)
    print(f"{len(labelled)} replies, {len(broken)} promises broken; length alone reaches a kappa of {kappa:.2f}")
    return 1 if broken else 0
