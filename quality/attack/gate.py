"""The attack as the gate runs it: on what is about to be published, with what was published before at hand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pandas as pd

from infra.settings import Settings
from quality.attack.reader import Contradiction
from quality.attack.statements import attack

TABLES = ("deaths", "accidents", "accidents_total", "rights", "risk_levels")
"""Tables with withheld numbers."""
_KEPT = 6
"""Publications kept for the attack. The audit of disclosure control knows all of them."""


def _shown(settings: Settings) -> list[Path]:
    """Folders of the publications kept, oldest first."""
    return sorted((settings.disclosure / "shown").glob("*"))


def attacked(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Attack the tables about to be published, and make what was found readable as ``attack_found``.

    The view has the number's name, the bounds found and how; a number is pinned down where the bounds are one. An
    attack that fails leaves no view, so that the check that reads it fails.
    """
    have = connection.execute("select count(*) from duckdb_tables() where schema_name = 'disclosure'").fetchone()
    if not have or not have[0]:
        return
    now = {table: connection.execute(f"select * from disclosure.{table}").df() for table in TABLES}
    now["population"] = connection.execute("select * from publication.population").df()
    offered = settings.disclosure / "offered" / "shown"
    shutil.rmtree(offered, ignore_errors=True)
    offered.mkdir(parents=True)
    for table, frame in now.items():
        frame.to_parquet(offered / f"{table}.parquet", compression="zstd")
    before = [{path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")} for folder in _shown(settings)]
    try:
        found = attack([*before, now])
    except Contradiction:
        return
    rows = [(" | ".join(map(str, number)), f.low, f.high, f.by) for number, f in found.items()]
    frame = pd.DataFrame(rows, columns=["number", "low", "high", "by"]).astype({"low": "int64", "high": "int64"})
    connection.register("attack_found", frame)


def keep_published(settings: Settings) -> None:
    """What disclosure control has offered is published: it binds what may be withheld from now on."""
    offered, released = settings.disclosure / "offered", settings.disclosure / "released"
    if not offered.is_dir():
        return
    if (offered / "shown").is_dir():
        folders = _shown(settings)
        number = int(folders[-1].name) + 1 if folders else 1
        (settings.disclosure / "shown").mkdir(exist_ok=True)
        os.replace(offered / "shown", settings.disclosure / "shown" / f"{number:06d}")
        for old in folders[: max(0, len(folders) + 1 - _KEPT)]:
            shutil.rmtree(old)
    shutil.rmtree(released, ignore_errors=True)
    os.replace(offered, released)
