"""Registers of what the platform saw, brought up to date: the job, given a reader of the stream's features."""

from __future__ import annotations

from infra.settings import Settings


def keep(settings: Settings) -> dict[str, int]:
    """Rows appended by register; run again, it adds nothing."""
    from batch_jobs.derived_registers.days import Judged
    from batch_jobs.derived_registers.job import keep_registers
    from infra.settings import ensure_tables, open_catalog
    from streaming_jobs.features.registry import COLUMNS
    from streaming_jobs.features.snapshot import decode

    at = COLUMNS["subject"]
    columns = [at[f"subject.{name}"] for name in ("solitary_day", "solitary_days", "outside_min")]

    def judge(grids: bytes) -> list[Judged]:
        values = decode(grids).grains["subject"].values
        return [Judged(*map(float, row)) for row in values[values[:, at["subject.day_judged"]] == 1][:, columns]]

    catalog = open_catalog(settings)
    ensure_tables(catalog)
    return keep_registers(catalog, judge)
