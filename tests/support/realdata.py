"""Access to the real public data, which is never part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _base() -> Path:
    return Path(os.environ.get("SAFEHOLD_REALDATA", ROOT / "../shared/data")).resolve()


def realdata_or_none() -> Path | None:
    """The folder of the real data, or None where it is absent."""
    return _base() if _base().is_dir() else None


def realdata(relative: str) -> Path:
    """The path below SAFEHOLD_REALDATA, or a skip that says why where the folder is absent."""
    base = _base()
    if not base.is_dir():
        pytest.skip(f"real data folder {base} is absent (set SAFEHOLD_REALDATA)")
    path = base / relative
    assert path.exists(), f"{base} exists, but lacks {relative}: the data set changed"
    return path
