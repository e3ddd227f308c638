"""Copies of guides by their hash, so that a grade is read on its own guide when that one has changed or gone."""

import shutil
import tempfile
from pathlib import Path

from interviewer.errors import GuideError
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide


class Guides:
    """The guides that grades were made on."""

    def __init__(self, folder: Path) -> None:
        """Keep copies in a folder, which is made with the first of them."""
        self._folder = folder
        self._read: dict[str, Guide] = {}

    def keep(self, path: Path, guide: Guide | None = None) -> Guide:
        """Keep a copy of a guide and return it.

        Args:
            path: A guide file, or a folder of them.
            guide: What was read from there, where that is known.

        Raises:
            GuideError: When it cannot be used.
        """
        guide = guide or read_guide([path])[0]
        self._read[guide.hash] = guide
        folder = self._folder / guide.hash
        if not folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            # Copied whole before it gets its name: another process may look for it at any moment.
            with tempfile.TemporaryDirectory(dir=self._folder) as aside:
                copies = Path(aside) / guide.hash
                copies.mkdir()
                for file in sorted(path.glob("*.md")) if path.is_dir() else [path]:
                    shutil.copyfile(file, copies / f"{file.stem}.md")
                copies.rename(folder)
        return guide

    def find(self, guide_hash: str) -> Guide | None:
        """Return the guide with this hash; None where it was not kept, or its copy was changed."""
        folder = self._folder / guide_hash
        # A hash comes from a transcript, which may be anybody's: it is no path.
        if guide_hash.isalnum() and guide_hash not in self._read and folder.is_dir():
            try:
                guide, _ = read_guide([folder])
            except GuideError:
                return None
            self._read[guide.hash] = guide
        return self._read.get(guide_hash)
