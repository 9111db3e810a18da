"""The step between marts and publication: decides what of the built tables is withheld, and writes the tables so.

dbt's schema ``publication`` holds the exact tables, for the build's own checks. This step writes beside it the schema
``disclosure``: each table under control as it may be published, the decisions with their reasons, and the audit. The
gate looks at both and publishes from ``disclosure``. Any engine's build comes here as the same DuckDB file.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from batch_jobs.disclosure.audit import GIVEN_AWAY, audit, given_away
from batch_jobs.disclosure.cells import Flags
from batch_jobs.disclosure.history import released, together
from batch_jobs.disclosure.policy import HERE, Profile, Structure, load_profile, load_structure
from batch_jobs.disclosure.store import read_released, write_released
from batch_jobs.disclosure.suppression import suppress
from batch_jobs.disclosure.tables import BrokenSum, Layout, lay_out, withhold
from infra.settings import SafeholdError, Settings, UserError

SCHEMA = "disclosure"


@dataclass(frozen=True)
class Disclosed:
    """What was decided: cells that could be published, those withheld, and faults that the audit found."""

    cells: int
    withheld: int
    primary: int
    faults: int


def profile_of(settings: Settings) -> Profile:
    """The instance's publication profile.

    Raises:
        UserError: there is none of that name, or it is not as it should be.
    """
    path = HERE / "profiles" / f"{settings.disclosure_profile}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml")))
        raise UserError(
            f"no publication profile {settings.disclosure_profile!r}",
            where="SAFEHOLD_DISCLOSURE_PROFILE",
            do=f"name one of: {names}",
        )
    return load_profile(path)


def exact_tables(connection: duckdb.DuckDBPyConnection, structure: Structure) -> dict[str, pd.DataFrame]:
    """The built publication tables that the structure speaks of, and the population."""
    return {
        name: connection.execute(f'select * from publication."{name}" order by all').df()
        for name in (*structure.tables, "population")
    }


def _decisions(layout: Layout, withheld: Flags, primary: Flags, structure: Structure) -> pd.DataFrame:
    """Every withheld number with the reason; for those inside only, since the reason itself gives away."""
    parts = [name.split("|") for name, gone in zip(layout.names, withheld, strict=True) if gone]
    rows = pd.DataFrame(parts, columns=["table_name", "column_name", "tier", "unit", "period", "breakdown"])
    rows["reason"] = np.where(primary[withheld], "primary", "secondary")
    implied = [
        row.assign(column_name=column, reason="implied")
        for name, table in structure.tables.items()
        for cell, columns in [*table.gives.items(), *((same, (alias,)) for alias, same in table.same.items())]
        for column in columns
        if len(row := rows[(rows["table_name"] == name) & (rows["column_name"] == cell)])
    ]
    return pd.concat([rows, *implied], ignore_index=True)


def _known(layout: Layout, known: Flags) -> list[tuple[str, int, int, str]]:
    """Small counts that cannot be protected. It is a fault where the profile itself does it; what earlier publications
    gave away (a corrected count may follow from them and a public total) cannot be taken back.
    """
    by_profile = given_away(layout.cells, known) if known.any() else known
    values = layout.cells.values
    return [
        (
            layout.names[cell],
            int(values[cell]),
            int(values[cell]),
            "given away by the profile" if by_profile[cell] else "",
        )
        for cell in np.flatnonzero(known)
    ]


def disclose(settings: Settings) -> Disclosed:
    """Decide on the built tables and write the schema ``disclosure`` into the build file.

    What would be published counts as published from the moment the gate lets it through; until then it lies in
    ``offered`` beside ``released``.

    Raises:
        UserError: no such publication profile.
        SafeholdError: a sum that structure.yaml promises does not hold on the tables.
    """
    structure, profile = load_structure(), profile_of(settings)
    folder = settings.disclosure
    connection = duckdb.connect(str(settings.marts_db))
    try:
        frames = exact_tables(connection, structure)
        try:
            layout = lay_out(frames, structure, profile)
        except BrokenSum as error:
            raise SafeholdError(
                str(error),
                where=str(HERE / "structure.yaml"),
                do="mend the model, or the structure if the model changed",
            ) from error
        names, whole, place = together(read_released(folder / "released"), layout.names, layout.cells)
        decision = suppress(whole, profile.protection)
        bounds = audit(whole, decision.withheld, profile.protection)
        withheld, primary = decision.withheld[place], decision.primary[place]
        rows = [(names[b.cell], b.low, b.high, b.fault) for b in bounds if b.fault != GIVEN_AWAY]
        rows += _known(layout, decision.known[place])
        found = pd.DataFrame(rows, columns=["cell", "low", "high", "fault"])
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
        connection.execute(f"create schema {SCHEMA}")
        for name, frame in withhold(frames, layout, withheld, structure).items():
            connection.register("controlled", frame)
            connection.execute(f'create table {SCHEMA}."{name}" as select * from publication."{name}" limit 0')
            connection.execute(f'insert into {SCHEMA}."{name}" by name select * from controlled')
        for name, frame in (("decisions", _decisions(layout, withheld, primary, structure)), ("audit", found)):
            connection.register("inside", frame)
            connection.execute(f"create table {SCHEMA}.{name} as select * from inside")
    finally:
        connection.close()
    shutil.rmtree(folder / "offered", ignore_errors=True)
    write_released(folder / "offered", released(names, whole, decision.withheld, place))
    return Disclosed(
        cells=int((~layout.cells.hidden).sum()),
        withheld=int(withheld.sum()),
        primary=int(primary.sum()),
        faults=int((found["fault"] != "").sum()),
    )
