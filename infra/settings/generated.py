"""Generated files in the checkout: which are not current, and writing them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def stale_files(root: Path, wanted: Mapping[str, str], folder: str) -> list[str]:
    """Paths below ``root`` that are missing, out of date, or in ``folder`` without being generated any more.

    Args:
        wanted: text of every file by its path below ``root``.
        folder: the folder, below ``root``, that holds generated files only.
    """
    wrong = [path for path, text in wanted.items() if not _is(root / path, text)]
    kept = {path.relative_to(root).as_posix() for path in (root / folder).glob("*") if path.is_file()}
    return sorted({*wrong, *(kept - set(wanted))})


def write_files(root: Path, wanted: Mapping[str, str], folder: str) -> list[str]:
    """Write what is stale, delete what is no longer generated; returns the paths touched."""
    touched = stale_files(root, wanted, folder)
    for path in touched:
        target = root / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return touched


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
