"""Who may import whom: nothing points upwards, and each library has one room."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "interviewer"
# What may be read everywhere.
VALUES = {"guide.model", "grading.rating", "interview.events", "errors"}
# Each room and what it may import from this package besides: itself, the value types and these.
ROOMS: dict[str, set[str]] = {
    # Leaves: they know nothing but errors.
    "__init__": {"quiet"},
    "quiet": set(),
    "errors": set(),
    "settings": set(),
    "embedding": set(),
    "prompts": set(),
    # What to ask, how an interview goes, what a reply is worth.
    "guide": {"embedding"},
    "interview": set(),
    "grading": set(),
    "advice": {"grading"},
    "cost": {"interview"},
    "store": {"interview", "grading"},
    # Who speaks and judges.
    "engines": {"interview", "grading", "prompts", "embedding", "settings"},
    "graded_line": {"engines.protocols", "interview", "grading"},
    # The use cases; engines, store and index are protocols to them.
    "service": {"engines.protocols", "interview", "grading", "cost"},
    "review": {
        "service",
        "interview",
        "grading",
        "guide.kept",
        "engines.protocols",
        "advice",
    },
    "files": {"interview", "grading", "cost"},
    # Puts the parts together; whoever stands below it asks it for them.
    "wiring": {"service", "review.regrade", "engines", "guide", "store", "prompts", "embedding", "settings"},
    "api": {"wiring", "service", "review", "interview", "grading", "settings"},
    "doctor": {"wiring", "store", "settings"},
    # What a person sees.
    "ui": {
        "wiring",
        "service",
        "api",
        "review",
        "files",
        "interview",
        "grading",
        "graded_line",
        "advice",
        "cost",
        "settings",
    },
    "commands": {
        "wiring",
        "service",
        "api",
        "review",
        "files",
        "bench",
        "interview",
        "grading",
        "graded_line",
        "guide.markdown",
        "advice",
        "cost",
        "prompts",
        "settings",
    },
    "cli": {"commands", "doctor", "guide.markdown", "settings"},
    "bench": {
        "wiring",
        "service",
        "review",
        "store",
        "engines",
        "guide.markdown",
        "interview",
        "grading",
        "cost",
        "embedding",
        "settings",
    },
}
LIBRARIES = {
    "langchain": "engines/llm", "langchain_core": "engines/llm", "langchain_openai": "engines/llm",
    "openai": "engines/llm", "chromadb": "guide/index.py", "onnxruntime": "embedding.py",
    "sqlalchemy": "store.py", "gradio": "ui",
}  # fmt: skip


def imports(source: str) -> Iterator[str]:
    """Yield each module that is imported; `from interviewer import ui` imports interviewer.ui."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "write the whole name, not one that begins with a dot"
            assert not node.level, "write the whole name, not one that begins with a dot"
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [part for part in parts if _is_module(part)]
            yield from modules
            if len(modules) < len(parts):
                yield node.module


def _is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return name.startswith("interviewer.") and (path.is_dir() or path.with_suffix(".py").is_file())


def breaches(place: str, source: str) -> list[str]:
    """Return what a module imports and its room may not."""
    room = place.split("/")[0].removesuffix(".py")
    assert room in ROOMS, f"{place} stands in no room: add it to ROOMS and to ARCHITECTURE.md"
    allowed = {room, *VALUES, *ROOMS[room]}
    found = []
    for name in imports(source):
        home = LIBRARIES.get(name.split(".")[0])
        target = name.removeprefix("interviewer.")
        if home and room != "bench":
            ok = place.startswith(home)
        else:
            ok = target == name or any(f"{target}.".startswith(f"{one}.") for one in allowed)
        if not ok:
            found.append(name)
    return found


@pytest.mark.parametrize("place", sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py")))
def test_imports_keep_to_the_rooms(place: str) -> None:
    found = breaches(place, (PACKAGE / place).read_text(encoding="utf-8"))
    assert not found, f"{place} may not import {', '.join(found)}"


@pytest.mark.parametrize(
    ("place", "source", "caught"),
    [
        ("service.py", "from interviewer import ui", "interviewer.ui"),
        ("service.py", "from interviewer import __version__, store", "interviewer.store"),
        ("service.py", "import interviewer.wiring", "interviewer.wiring"),
        ("service.py", "from interviewer.engines import llm", "interviewer.engines.llm"),
        ("service.py", "from interviewer.engines.protocols import Grader", ""),
        ("service.py", "from interviewer import __version__", ""),
        ("grading/compare.py", "from interviewer.interview.state import Interview", "interviewer.interview.state"),
        ("grading/compare.py", "from interviewer.interview.events import Ask", ""),
        ("wiring.py", "def late():\n    from interviewer.ui.screen import CSS", "interviewer.ui.screen"),
        ("review/people.py", "from interviewer.ui import html", "interviewer.ui.html"),
        ("files/bring.py", "from interviewer import service", "interviewer.service"),
        ("ui/theme.py", "from interviewer.store import open_store", "interviewer.store"),
        ("ui/theme.py", "import openai.types", "openai.types"),
        ("ui/theme.py", "import gradio as gr", ""),
    ],
)
def test_a_breach_is_caught(place: str, source: str, caught: str) -> None:
    assert breaches(place, source) == ([caught] if caught else [])


def test_a_module_without_a_room_and_a_dotted_name_are_caught() -> None:
    with pytest.raises(AssertionError, match="stands in no room"):
        breaches("report.py", "")
    with pytest.raises(AssertionError, match="the whole name"):
        breaches("service.py", "from . import ui")


def test_nothing_points_upwards() -> None:
    TopologicalSorter({room: {name.split(".")[0] for name in names} for room, names in ROOMS.items()}).prepare()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_table_is_there(room: str) -> None:
    assert (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()


@pytest.mark.parametrize(
    "module", ["interviewer.service", "interviewer.wiring", "interviewer.cli", "interviewer.store"]
)
def test_what_the_first_screen_needs_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*(m for m in sys.modules if '.' not in m))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"chromadb", "onnxruntime", "langchain", "langchain_core", "openai", "gradio", "torch"}
