"""`interviewer grade`: a rating for each line of a file."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interviewer.errors import InputError
from interviewer.settings import load_settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommand."""
    grade = commands.add_parser("grade", help="grade replies from a JSON Lines file")
    grade.add_argument("input", type=Path, metavar="IN.jsonl")
    grade.add_argument("--model", metavar="SPEC", help="embedded, a profile's name, or provider:model")
    grade.add_argument("--out", type=Path, metavar="OUT.jsonl", help="default: standard output")
    grade.set_defaults(run=_grade)


def _grade(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from interviewer.graded_line import grade_line
    from interviewer.wiring import Parts

    settings = load_settings(args.config)
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
