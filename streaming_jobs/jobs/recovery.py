"""Where a job goes on: the newest complete checkpoint or savepoint of an instance."""

from __future__ import annotations

from pathlib import Path

from infra.settings import Settings


def restore_points(settings: Settings) -> list[Path]:
    """Checkpoints and savepoints with their metadata written, newest first.

    A commit to the lake follows the completion of its checkpoint, so the newest complete one is
    never behind the lake, and going on from it repeats no row.
    """
    found = [
        *(settings.flink / "checkpoints").glob("*/chk-*/_metadata"),
        *(settings.flink / "savepoints").glob("savepoint-*/_metadata"),
    ]
    return [path.parent for path in sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)]
