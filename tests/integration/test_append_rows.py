"""Appending to the lake while other processes append to the same table: nothing is lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.settings import append_rows, ensure_tables, load_settings, open_catalog
from infra.settings.model import ROOT
from ingestion.contracts import LandingCount

WRITER = """
import sys
from infra.settings import append_rows, load_settings, open_catalog
from ingestion.contracts import LandingCount
catalog = open_catalog(load_settings())
for part in range(int(sys.argv[2])):
    append_rows(catalog, LandingCount, [
        LandingCount(source=sys.argv[1], run="r", part=part, at=0, offered=1, landed=1, quarantined=0)
    ])
"""


def test_three_writers_at_once_lose_no_row(tmp_path: Path) -> None:
    catalog = open_catalog(load_settings(home=tmp_path))
    ensure_tables(catalog)
    environment = os.environ | {"SAFEHOLD_HOME": str(tmp_path)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name, "8"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
        for name in ("a", "b", "c")
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=180)
        assert writer.returncode == 0, errors.decode()
    rows = catalog.load_table("bronze.landing").scan().to_arrow().to_pylist()
    assert sorted((row["source"], row["part"]) for row in rows) == [(n, i) for n in "abc" for i in range(8)]


def test_no_rows_make_no_snapshot(tmp_path: Path) -> None:
    catalog = open_catalog(load_settings(home=tmp_path))
    ensure_tables(catalog)
    append_rows(catalog, LandingCount, [])
    assert catalog.load_table("bronze.landing").current_snapshot() is None
