"""What has been published, on disk: one folder with the cells and the sums as Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from batch_jobs.disclosure.cells import Cells
from batch_jobs.disclosure.history import Released

_PARTS = ("values", "public", "sensitive", "rank", "weight", "floor")


def write_released(folder: Path, released: Released) -> None:
    """Write what will have been published; the folder is made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = released.cells
    pd.DataFrame({"name": released.names, **{part: getattr(cells, part) for part in _PARTS}}).to_parquet(
        folder / "cells.parquet", compression="zstd"
    )
    entries = cells.relations.tocoo()
    pd.DataFrame({"relation": entries.row, "cell": entries.col, "factor": entries.data}).to_parquet(
        folder / "relations.parquet", compression="zstd"
    )


def read_released(folder: Path) -> Released | None:
    """What has been published so far; None where nothing has."""
    if not folder.is_dir():
        return None
    cells, entries = pd.read_parquet(folder / "cells.parquet"), pd.read_parquet(folder / "relations.parquet")
    shape = (int(entries["relation"].max()) + 1, len(cells))
    relations = csr_array(
        (entries["factor"].to_numpy(), (entries["relation"].to_numpy(), entries["cell"].to_numpy())), shape=shape
    )
    parts = {part: cells[part].to_numpy() for part in _PARTS}
    return Released(cells["name"].tolist(), Cells(relations=relations, hidden=~np.asarray(parts["public"]), **parts))
