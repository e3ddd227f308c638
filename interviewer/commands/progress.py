"""`interviewer progress`: how ratings went, the stories told, and what to practise next."""

import argparse
import json
from typing import Any

from interviewer.errors import InputError
from interviewer.guide.model import Level, RedFlag
from interviewer.review.past import graded
from interviewer.review.people import agreements, gaps
from interviewer.review.progress import Course, courses
from interviewer.review.stories import Story, stories, without_story
from interviewer.review.study import Exercise, study_plan
from interviewer.settings import load_settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the subcommand."""
    progress = commands.add_parser("progress", help="how ratings went, the stories told, and what to practise next")
    progress.add_argument("--level", help="senior or staff (default: that of the newest interview)")
    progress.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
    progress.set_defaults(run=_progress)


def _progress(args: argparse.Namespace) -> None:
    from interviewer.wiring import Parts

    parts = Parts(load_settings(args.config))
    service = parts.service()
    past = graded(service)
    if args.level and args.level not in set(Level):
        raise InputError(f"There is no level {args.level!r}. Use senior or staff.")
    level = Level(args.level) if args.level else past[-1].scored.rubric.level if past else Level.SENIOR
    found = stories(past, parts.encoder().encode, parts.guide)
    plan = study_plan(past, found, parts.guide, level) if past else []
    went = courses(past, parts.guide, level)
    if args.json:
        lacking = [item.id for item in without_story(found, parts.guide, level)]
        whole = {
            "level": level.value,
            "answers": len(past),
            "courses": [_course(one) for one in went],
            "stories": [_story(one) for one in found],
            "without_story": lacking,
            "exercises": [_exercise(one) for one in plan],
            "own_view": [{"at": g.at.isoformat(), "own": g.own, "grade": g.given} for g in gaps(service)],
            "raters": [
                {
                    "raters": [a.one, a.other],
                    "answers": a.exchanges,
                    "blind": a.blind,
                    "ratings": a.items,
                    "same": a.same,
                    "within_one": a.within_one,
                    "kappa": a.kappa,
                }
                for a in agreements(service)
            ],
        }
        print(json.dumps(whole, indent=1, ensure_ascii=False))
        return
    if not went:
        print(f"Nothing graded yet at {level.value}. `interviewer chat` or `make run` starts an interview.")
        return
    print(f"== {level.value}: {len(past)} graded answers at both levels\n\n-- next")
    for number, one in enumerate(plan, 1):
        print(f"{number}. {one.item.text}\n   do: {one.task}\n   done when: {one.success}")
        if one.question:
            print(f"   on: {one.question.text}")
    print("\n-- over time")
    for course in went:
        values = " ".join(str(point.value) for point in course.points[-12:])
        print(f"{course.item.text:48.48}  {values:24}  {_sum(course)}")
    print("\n-- stories")
    for story in found:
        print(
            f"“{story.title}”  ({len(story.tellings)}x)" + (f"  no {', '.join(story.missing)}" if story.missing else "")
        )
    lacking = [item.text for item in without_story(found, parts.guide, level)]
    if lacking:
        print("No story yet for: " + "; ".join(lacking))


def _sum(one: Course) -> str:
    if one.mean is None:
        return "too few to sum up"
    if isinstance(one.item, RedFlag):
        return f"raised in {one.mean:.0%} ({one.low:.0%} to {one.high:.0%})"
    return f"mean {one.mean:.1f} of {one.top} ({one.low:.1f} to {one.high:.1f})"


def _course(one: Course) -> dict[str, Any]:
    return {
        "item": one.item.id,
        "top": one.top,
        "mean": one.mean,
        "interval": None if one.mean is None else [one.low, one.high],
        "points": [
            {"at": p.at.isoformat(), "interview": p.interview, "exchange": p.exchange, "value": p.value}
            for p in one.points
        ],
    }


def _story(one: Story) -> dict[str, Any]:
    return {
        "title": one.title,
        "told": [{"interview": t.past.interview, "exchange": t.past.position} for t in one.tellings],
        "parts": one.parts,
        "missing": list(one.missing),
        "shown": one.shown,
        "claimed": list(one.claimed),
    }


def _exercise(one: Exercise) -> dict[str, Any]:
    return {
        "item": one.item.id,
        "advice": one.advice,
        "task": one.task,
        "success": one.success,
        "question": one.question.id if one.question else None,
        "story": one.story or None,
    }
