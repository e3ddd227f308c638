"""The kept interviews on the command line: `list`, `show`, `rename`, `delete`."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from interviewer.errors import InputError
from interviewer.grading.rating import Verdict
from interviewer.guide.model import Kind, Level
from interviewer.settings import load_settings

if TYPE_CHECKING:
    from interviewer.review.library import Library, Line


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommands."""
    listed = commands.add_parser("list", help="list and search the interviews kept here")
    listed.add_argument("--search", default="", metavar="WORDS", help="all of them in its name, talk or notes")
    listed.add_argument("--level", help="senior or staff")
    listed.add_argument("--kind", help="behavioral, deep-dive, system-design or coding")
    listed.add_argument("--verdict", help="strong-no-hire, no-hire, hire or strong-hire")
    listed.add_argument("--since", metavar="DAY", help="first day, such as 2026-03-01")
    listed.add_argument("--until", metavar="DAY", help="last day")
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="how many are shown (50)")
    listed.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
    listed.set_defaults(run=_list)

    rename = commands.add_parser("rename", help="give an interview a name of your own")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("name", metavar="NAME", help="an empty one takes it away")
    rename.set_defaults(run=_rename)

    delete = commands.add_parser("delete", help="delete interviews for good; asks nothing and cannot be undone")
    delete.add_argument("ids", nargs="+", metavar="ID")
    delete.set_defaults(run=_delete)


def _library(args: argparse.Namespace) -> "Library":
    # Read when they are needed: `--help` and the other commands do not wait for them.
    from interviewer.review.library import Library
    from interviewer.wiring import build_service

    return Library(build_service(load_settings(args.config)))


def _list(args: argparse.Namespace) -> None:
    from interviewer.api import one_of
    from interviewer.review.library import Query

    if args.limit < 1:
        raise InputError(f"--limit is {args.limit}; it must be 1 or more.")
    query = Query(
        words=args.search,
        level=one_of(Level, "level", args.level) if args.level else None,
        kind=one_of(Kind, "kind", args.kind) if args.kind else None,
        verdict=one_of(Verdict, "verdict", args.verdict) if args.verdict else None,
        since=_day("since", args.since),
        until=_day("until", args.until),
    )
    library = _library(args)
    _read_all(library)
    found = library.find(query, args.limit)
    library.close()
    if args.json:
        lines = [asdict(line) | {"started": line.started.isoformat()} for line in found.lines]
        print(json.dumps({"total": found.total, "interviews": lines}, ensure_ascii=False))
        return
    for line in found.lines:
        print(_in_words(line))
    if found.total > len(found.lines):
        print(f"{found.total - len(found.lines):,} more; --limit shows more of them, --search narrows.")
    if not found.total and query != Query():
        print("Nothing fits. `interviewer list` shows all.")
    elif not found.total:
        print("No interviews yet. `interviewer chat` or `make run` starts one.")


def _read_all(library: "Library") -> None:
    """Look into all that is new since the last time, with a bar when there is much of it."""
    left = library.refresh(1.0)
    if not left:
        return
    from tqdm import tqdm

    with tqdm(total=left, desc="Reading", unit=" interviews", file=sys.stderr, disable=None) as bar:
        while left:
            before, left = left, library.refresh(1.0)
            bar.update(before - left)


def _in_words(line: "Line") -> str:
    kinds = "full loop" if len(line.kinds) == len(Kind) else ", ".join(kind.words for kind in line.kinds)
    state = (line.verdict.words if line.verdict else "not enough to say") if line.closed else "open"
    marks = [line.name, "again" if line.again else "", f"from {line.imported}" if line.imported else ""]
    notes = "  ".join(mark for mark in marks if mark)
    shown = (
        f"{line.id}  {line.started.astimezone():%Y-%m-%d %H:%M}  {line.level.value:6}  {kinds:30}  {state:17}  {notes}"
    )
    return shown.rstrip()


def _rename(args: argparse.Namespace) -> None:
    library = _library(args)
    library.rename(args.id, args.name)
    print(f"{args.id} is now called {args.name!r}." if args.name.strip() else f"{args.id} has no name any more.")


def _delete(args: argparse.Namespace) -> None:
    service = _library(args).service
    ids = list(dict.fromkeys(args.ids))
    for interview in ids:
        service.store.events(interview)  # all of them are there, or none is deleted
    for interview in ids:
        service.delete(interview)
    print(f"{len(ids)} interview{'' if len(ids) == 1 else 's'} deleted; this cannot be undone.")


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"--{name} is {text!r}; give a day such as 2026-03-01.") from None
