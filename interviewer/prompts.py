"""Load, check and render the files of `prompts/`.

A prompt file is Markdown with a short front matter (`used_by`, `variables`)
and named parts, each opened by a line `<!-- part: NAME -->`. A variable is
written `$name`; a value is only ever a value, it is never looked into.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from interviewer.errors import PromptError

_PART = re.compile(r"^<!-- part: ([a-z_]+) -->[ \t]*\n", re.MULTILINE)
_COMMENT = re.compile(r"<!--(?! part:).*?-->\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file.

    Attributes:
        name: The file's name without its ending.
        hash: SHA-256 of the file's text, first 12 hex digits; written on everything made with it.
        used_by: Who uses it.
        parts: The text of each part.
    """

    name: str
    hash: str
    used_by: str
    parts: Mapping[str, Template]

    def render(self, part: str, **values: object) -> str:
        """Return a part with its variables filled in.

        Raises:
            PromptError: When there is no such part, or values are missing or unknown; names all of them.
        """
        if part not in self.parts:
            raise PromptError(f"prompts/{self.name}.md has no part {part!r}. It has: {', '.join(self.parts)}.")
        template = self.parts[part]
        wanted = set(template.get_identifiers())
        _compare(f"prompts/{self.name}.md, part {part!r}", wanted, set(values), "given")
        return template.substitute({name: str(value) for name, value in values.items()})


def load_prompt(folder: Path, name: str) -> Prompt:
    """Read and check one prompt file.

    Args:
        folder: The folder of the prompt files.
        name: The file's name without `.md`.

    Raises:
        PromptError: When the file cannot be read, or its header and its parts differ.
    """
    path = folder / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"The prompt file {str(path)!r} cannot be read: {error}.") from None
    header, body = _header(path, text)
    pieces = _PART.split(_COMMENT.sub("", body))
    if pieces[0].strip() or len(pieces) < 3:
        raise PromptError(f"{path}: every text stands in a part opened by a line such as <!-- part: system -->.")
    names = pieces[1::2]
    twice = sorted({part for part in names if names.count(part) > 1})
    if twice:
        raise PromptError(f"{path}: these parts stand in it twice: {', '.join(twice)}.")
    parts = {part: Template(words.strip()) for part, words in zip(names, pieces[2::2], strict=True)}
    broken = sorted(part for part, template in parts.items() if not template.is_valid())
    if broken:
        raise PromptError(f"{path}: a `$` that is no variable in: {', '.join(broken)}. Write `$$` for a dollar sign.")
    used = {variable for template in parts.values() for variable in template.get_identifiers()}
    _compare(str(path), used, set(header["variables"]), "declared")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Prompt(name=name, hash=digest, used_by=header["used_by"], parts=parts)


def _header(path: Path, text: str) -> tuple[dict[str, Any], str]:
    opening, _, rest = text.partition("---\n")
    front, closed, body = rest.partition("\n---\n")
    try:
        header = yaml.safe_load(front) if not opening and closed else None
    except yaml.YAMLError as error:
        raise PromptError(f"{path}: the header is no valid YAML: {error}.") from None
    if not isinstance(header, dict) or set(header) != {"used_by", "variables"}:
        raise PromptError(f"{path}: begin with a header of `used_by` and `variables` between two lines of `---`.")
    if not isinstance(header["used_by"], str) or not isinstance(header["variables"], list):
        raise PromptError(f"{path}: `used_by` is a name and `variables` a list of names.")
    return header, body


def _compare(where: str, wanted: set[str], found: set[str], verb: str) -> None:
    problems = []
    if wanted - found:
        problems.append(f"not {verb}: {', '.join(sorted(wanted - found))}")
    if found - wanted:
        problems.append(f"{verb} but unknown: {', '.join(sorted(found - wanted))}")
    if problems:
        raise PromptError(f"{where}: {'; '.join(problems)}.")
