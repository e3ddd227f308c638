"""Who may import whom: nothing points upwards, and each library has one room."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "interviewer"
# Each room and what it may import from this package besides errors, settings and the value types.
VALUES = {"guide.model", "grading.rating", "interview.events", "interview.state", "errors"}
ROOMS = {
    "guide": {"guide", "embedding"},
    "grading": {"grading", "guide.model"},
    "interview": {"interview", "grading.rating", "guide.model"},
    "engines": {"engines", "interview", "grading", "prompts", "embedding", "settings"},
    "embedding": set(),
    "prompts": set(),
    "settings": set(),
    "store": {"interview", "grading"},
    "report": {"interview", "grading"},
    "cost": {"interview"},
    "review": {
        "review",
        "service",
        "grading",
        "interview",
        "guide",
        "engines.protocols",
        "engines.embedded.reading",
        "advice",
        "cost",
    },
    "files": {"files", "grading", "interview", "guide", "cost"},
    "service": {"engines.protocols", "interview", "grading", "cost"},
}
LIBRARIES = {
    "langchain": "engines/llm", "langchain_core": "engines/llm", "langchain_openai": "engines/llm",
    "openai": "engines/llm", "chromadb": "guide/index.py", "onnxruntime": "embedding.py",
    "sqlalchemy": "store.py", "gradio": "ui",
}  # fmt: skip


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_keep_to_the_rooms(path) -> None:
    place = path.relative_to(PACKAGE)
    room = place.parts[0].removesuffix(".py")
    for name in imports(path):
        library = name.split(".")[0]
        home = LIBRARIES.get(library)
        if home and room != "bench":
            assert str(place).startswith(home), f"{place} imports {library}, whose room is {home}"
        if room in ROOMS and name.startswith("interviewer."):
            target = name.removeprefix("interviewer.")
            allowed = target in VALUES or any(target == a or target.startswith(a + ".") for a in ROOMS[room])
            assert allowed, f"{place} imports {name}"


@pytest.mark.parametrize(
    "module", ["interviewer.service", "interviewer.wiring", "interviewer.cli", "interviewer.store"]
)
def test_what_the_first_screen_needs_imports_nothing_heavy(module) -> None:
    code = f"import sys, {module}; print(*(m for m in sys.modules if '.' not in m))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"chromadb", "onnxruntime", "langchain", "langchain_core", "openai", "gradio", "torch"}
