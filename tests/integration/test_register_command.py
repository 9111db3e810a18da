"""`safehold register` as a user meets it: what it prints and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.settings.model import ROOT

HEADER = "name,abbreviation,month,as_of_date,pop"


def safehold(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        cwd=ROOT,
        env=os.environ | {"SAFEHOLD_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_import_prints_counts_that_add_up_and_points_to_quarantine(tmp_path: Path) -> None:
    file = tmp_path / "prison_populations.csv"
    file.write_text(f"{HEADER}\nAlabama,AL,march,03/31/2020,21114\nAtlantis,XX,march,03/31/2020,5\n", encoding="utf-8")
    done = safehold(tmp_path / "home", "register", "import", "--mapping", "marshall_prisoners", str(file))
    assert done.returncode == 0, done.stderr
    assert "population_count   prisoners: 2 rows = 1 new + 1 quarantined" in done.stdout
    assert "1 rows are in silver.quarantine" in done.stdout


def test_a_faulty_file_ends_with_2_and_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "prison_populations.csv"
    file.write_text("name;abbreviation;month;as_of_date;pop\nAlabama;AL;march;03/31/2020;21114\n", encoding="utf-8")
    done = safehold(tmp_path / "home", "register", "import", "--mapping", "marshall_prisoners", str(file))
    assert done.returncode == 2
    assert "error: column 'as_of_date' is missing" in done.stderr
    assert f"where: {file}:1" in done.stderr
    assert "do:    the columns are separated by ';'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_mapping_ends_with_2_and_lists_the_shipped_ones(tmp_path: Path) -> None:
    done = safehold(tmp_path / "home", "register", "import", "--mapping", "nobody_s", "x.csv")
    assert done.returncode == 2
    assert "ucla_deaths" in done.stderr


def test_the_shipped_mappings_are_listed_with_what_they_are_for(tmp_path: Path) -> None:
    done = safehold(tmp_path / "home", "register", "mappings")
    assert done.returncode == 0
    assert "ice_inspections" in done.stdout
