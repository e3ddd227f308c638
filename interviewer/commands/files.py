"""`interviewer export` and `interviewer import`."""

import argparse
import sys
from pathlib import Path

from interviewer.commands.chat import parse_level
from interviewer.commands.kept import readable
from interviewer.errors import InputError, InterviewerError
from interviewer.files.bring import Brought, Hints, bring, grade_all, read_lines
from interviewer.files.export import FORMATS, export, file_name, joined
from interviewer.guide.model import Kind
from interviewer.service import Service
from interviewer.settings import load_settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
    out = commands.add_parser("export", help="write interviews to files")
    which = out.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", metavar="ID")
    which.add_argument("--all", action="store_true", help="every interview kept here")
    out.add_argument("--format", default="md", choices=list(FORMATS), help="what is written (md)")
    out.add_argument(
        "--out", type=Path, metavar="PATH", help="file, or folder with --all; default: named in the current folder"
    )
    out.set_defaults(run=_export)

    into = commands.add_parser("import", help="read exported interviews, and transcripts of real ones")
    into.add_argument("files", type=Path, nargs="+", metavar="FILE", help="JSON export, chat log, WebVTT or SRT")
    into.add_argument("--level", default="senior", help="senior or staff, for transcripts (senior)")
    into.add_argument("--kind", choices=list(Kind), help="kind of every question; default: as the questions read")
    into.add_argument("--candidate", default="", metavar="NAME", help="who answers, by the name in the file")
    into.add_argument("--interviewer", default="", metavar="NAME", help="who asks, by the name in the file")
    into.add_argument("--questions", default="", metavar="LINE,LINE", help="lines of the file that open a question")
    into.set_defaults(run=_import)


# -- export ------------------------------------------------------------------------------------------------------------


def _export(args: argparse.Namespace) -> int:
    from interviewer.advice import why
    from interviewer.wiring import build_service

    service = build_service(load_settings(args.config))
    if not args.all:
        data = export(service, args.id, args.format, why)
        if FORMATS[args.format].joined:
            data = joined([data], args.format)
        _write(args.out or Path(file_name(args.id, service.interview(args.id), args.format)), data)
        return 0
    every, ids = len(service.store.rows()), readable(service)
    if not every:
        raise InputError("There is no interview to export yet.")
    if FORMATS[args.format].joined:
        data = joined([export(service, id, args.format, why) for id in ids], args.format)
        _write(args.out or Path(f"interviews.{args.format}.jsonl"), data)
    else:
        _export_all(service, ids, args.format, args.out or Path("interviews"))
    return 2 if len(ids) < every else 0


def _export_all(service: Service, ids: list[str], name: str, folder: Path) -> None:
    from tqdm import tqdm

    from interviewer.advice import why

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{str(folder)!r} cannot be made a folder: {error.strerror}.") from None
    for id in tqdm(ids, unit=" interviews", file=sys.stderr, disable=None):
        data = export(service, id, name, why)
        _write(folder / file_name(id, service.interview(id), name), data)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}.") from None
    print(path)


# -- import ------------------------------------------------------------------------------------------------------------


def _import(args: argparse.Namespace) -> int:
    from interviewer.wiring import Parts

    settings = load_settings(args.config)
    parts = Parts(settings)
    service = parts.service()
    hints = Hints(
        level=parse_level(args.level),
        kind=Kind(args.kind) if args.kind else None,
        candidate=args.candidate.strip(),
        interviewer=args.interviewer.strip(),
        questions=read_lines(args.questions),
        grader=settings.grader.model,
    )
    refused = 0
    for path in args.files:
        try:
            brought = bring(path, service.store, service.guide, lambda texts: parts.encoder().encode(texts), hints)
            _tell(brought)
            if brought.questions:
                _grade(service, brought.interview)
        except InterviewerError as error:
            # One file that cannot be used does not keep the others out.
            print(f"interviewer: {error}", file=sys.stderr)
            refused += 1
    return 2 if refused else 0


def _tell(brought: Brought) -> None:
    print(f"{brought.file}: {brought.interview}")
    for note in brought.notes:
        print(f"   {note}")
    for number, one in enumerate(brought.questions, 1):
        follow_ups = f"{one.follow_ups} follow-up{'' if one.follow_ups == 1 else 's'}"
        print(f"   {number}. line {one.line}, {one.kind.words}, {follow_ups}: {' '.join(one.text.split())[:90]}")
    if brought.questions:
        print("   Wrong? Name the lines that open questions with --questions, or put 'Q:' before them.")
    for problem in brought.problems:
        print(f"   not understood, {problem}")


def _grade(service: Service, interview: str) -> None:
    from tqdm import tqdm

    with tqdm(desc="Grading", unit=" answers", file=sys.stderr, disable=None) as bar:
        for done, total in grade_all(service, interview):
            bar.total = total
            bar.update(done - bar.n)
