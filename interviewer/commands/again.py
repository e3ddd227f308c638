"""`interviewer again`: answer questions of kept interviews once more, in this terminal."""

import argparse

from interviewer.commands.chat import hold
from interviewer.errors import InputError
from interviewer.interview.events import Origin
from interviewer.review.again import Attempts, both_graded
from interviewer.service import Service
from interviewer.settings import load_settings
from interviewer.wiring import build_service


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
    again = commands.add_parser("again", help="answer a question of an earlier interview again")
    again.add_argument("id", nargs="?", metavar="ID", help="the interview; with --weakest, all of them when left out")
    again.add_argument("question", nargs="?", type=int, metavar="QUESTION", help="its number, from 1")
    again.add_argument("--weakest", type=int, metavar="N", help="the N weakest answers instead")
    again.set_defaults(run=_again)


def _again(args: argparse.Namespace) -> None:
    service = build_service(load_settings(args.config))
    attempts = Attempts(service)
    if args.question is not None and args.weakest is not None:
        raise InputError("Give the number of a question or --weakest, not both.")
    if args.question is not None:
        origins = [Origin(args.id, args.question - 1)]
    elif args.id is None and args.weakest is None:
        raise InputError("Say what to answer again: an interview's ID and a question's number, or --weakest 3.")
    elif args.weakest is not None and args.weakest < 1:
        raise InputError(f"--weakest takes a number of answers from 1; {args.weakest} was given.")
    else:
        origins = attempts.weakest(args.weakest or 1, args.id)
    interview = attempts.begin(origins)
    hold(service, interview)
    if service.interview(interview).closed:
        _print(service, interview)


def _print(service: Service, interview: str) -> None:
    """Print each answer beside the one it was a second attempt at."""
    for before, now in Attempts(service).compared(interview):
        print(f"\n== before and now: {now.scored.exchange.question}")
        verdicts = [one.scored.verdict.words if one.scored.verdict else "no grade" for one in (before, now)]
        print(f"   {verdicts[0]} -> {verdicts[1]}")
        found = both_graded(before.scored, now.scored)
        if found is None:
            continue
        for name, moved, flags in (("better", found.rose, found.flags_gone), ("worse", found.fell, found.flags_come)):
            for one in moved:
                if one.before and one.after:
                    print(f"   {name}: {one.item.text}, {one.before.value} -> {one.after.value}")
            for flag in flags:
                print(f"   {name}: red flag {'no longer' if name == 'better' else 'now'} raised: {flag.text}")
