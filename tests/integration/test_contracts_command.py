"""`safehold contracts` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from infra.settings.model import ROOT
from ingestion.contracts.examples import examples_of


def safehold(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_says_that_all_generated_files_are_current() -> None:
    done = safehold("contracts", "generate", "--check")
    assert done.returncode == 0, done.stderr
    assert "generated files are current" in done.stdout


def test_show_has_fields_units_values_and_an_example() -> None:
    done = safehold("contracts", "show", "video")
    assert done.returncode == 0
    for expected in ("One analysed camera frame", "event_time", "integer; ms;", "Detection:", "px", "`lawyer`"):
        assert expected in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == examples_of("video").passing[0]


def test_a_file_that_follows_the_contract_passes(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(record) + "\n\n" for record in examples_of("access").passing))
    done = safehold("contracts", "validate", "access", str(file))
    assert (done.returncode, done.stdout) == (0, "all 2 records follow the contract access\n")


def test_faults_are_printed_with_line_and_field_and_the_exit_code_is_2(tmp_path: Path) -> None:
    good = examples_of("video").passing[0]
    bad_detection = dict(good["detections"][0], confidence=3, face="x")
    lines = [
        json.dumps(good),
        json.dumps(good | {"detections": [bad_detection]}),
        "{not json",
        json.dumps(good | {"type": "access"}),
        json.dumps({key: value for key, value in good.items() if key != "type"}),
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(lines))
    done = safehold("contracts", "validate", "video", str(file))
    assert done.returncode == 2
    for expected in (
        f"{file}:2: detections.0.confidence: Input should be less than or equal to 1",
        f"{file}:2: detections.0.face: Extra inputs are not permitted",
        f"{file}:3: the record: Invalid JSON",
        f"{file}:4: ",
        f"{file}:5: type: Unable to extract tag",
    ):
        assert expected in done.stdout, done.stdout
    assert "error: 4 of 5 records do not follow the contract video" in done.stderr


def test_an_unknown_contract_and_a_missing_file_are_user_faults(tmp_path: Path) -> None:
    done = safehold("contracts", "show", "videos")
    assert done.returncode == 2
    assert "use one of: video, " in done.stderr
    done = safehold("contracts", "validate", "video", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert "No such file" in done.stderr
