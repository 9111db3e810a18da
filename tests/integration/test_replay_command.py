"""`safehold replay` as a user meets it: files, summary, exit codes; and through a real broker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.settings import Settings
from tests.support.commands import must, safehold
from tests.support.pictures import Room, save

TRACKS = "t,id,x,y,movement\n40,id0,10,20,walking\n40,id1,nan,20,walking\n80,id0,11,20,walking\n120,id0\n"


def test_records_are_written_as_json_lines_and_the_summary_adds_up(tmp_path: Path) -> None:
    (tmp_path / "tracks.csv").write_text(TRACKS, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    said = must(tmp_path, "replay", "caviar", "--tracks", tmp_path / "tracks.csv", "--out", out).out
    events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [e["type"] for e in events] == ["site_plan", "video", "video", "video", "watermark"]
    assert {e["facility"] for e in events} == {"990101"}
    assert "rows read            4" in said
    assert "detections           2" in said
    assert "for quarantine       2" in said
    assert "(first: line 5)" in said


def test_faults_end_with_2_and_say_what_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tracks.csv").write_text("time;id\n", encoding="utf-8")
    (tmp_path / "gt.txt").write_text("1,1,0,0,40,120,1,-1,-1,-1\n", encoding="utf-8")
    film = save(tmp_path / "film", [Room().picture()])
    for arguments, where in (
        (("caviar", "--tracks", tmp_path / "absent.csv"), "absent.csv"),
        (("caviar", "--tracks", tmp_path / "tracks.csv"), "tracks.csv, line 1"),
        (("mot", tmp_path / "gt.txt", "--fps", "0"), "--fps"),
        (("mot", tmp_path / "gt.txt"), "--fps"),
        (("video", film, "--camera", "c"), "film"),
        (("video", film, "--camera", "c", "--fps", "nan"), "--fps"),
        (("video", film, "--camera", "c", "--fps", "10", "--out", tmp_path / "no" / "x"), "x"),
    ):
        failed = safehold(tmp_path, "replay", *arguments)
        assert failed.code == 2, (arguments, failed)
        assert where in failed.err
        assert "Traceback" not in failed.err


@pytest.mark.jvm
def test_what_is_posted_and_what_is_withheld_add_up_to_what_was_offered(
    broker_instance: Settings, tmp_path: Path
) -> None:
    (tmp_path / "tracks.csv").write_text(TRACKS, encoding="utf-8")
    said = must(broker_instance.home, "replay", "caviar", "--tracks", tmp_path / "tracks.csv").out
    assert "records              6 offered = 5 landed + 1 quarantined + 0 waiting in the spool" in said
