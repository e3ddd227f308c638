"""The `interviewer` command."""

import argparse
import json
import logging
import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from interviewer import __version__
from interviewer.commands import again, bench, chat, files, grade, library, progress, regrade
from interviewer.commands.chat import ABOUT
from interviewer.errors import InterviewerError
from interviewer.settings import load_settings


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

    for family in (chat, grade, bench, library, regrade, again, files, progress):
        family.add(commands)
    guide = commands.add_parser("guide", help="work with interview guides")
    guide_commands = guide.add_subparsers(required=True, metavar="COMMAND")
    check = guide_commands.add_parser("check", help="read a guide and say what it lacks")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
    check.set_defaults(run=_guide_check)
    commands.add_parser("doctor", help="say what is configured, what works, and what to do").set_defaults(run=_doctor)
    return parser


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


def _doctor(args: argparse.Namespace) -> int:
    from interviewer.doctor import examine

    worst = 0
    for check in examine(load_settings(args.config)):
        mark = {"ok": "ok   ", "warning": "note ", "failed": "FAIL "}[check.state]
        print(f"{mark} {check.text}")
        worst = max(worst, 2 if check.state == "failed" else 0)
    return worst


if __name__ == "__main__":
    sys.exit(main())
