"""`safehold simulate` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from infra.settings.model import ROOT


def safehold(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", "simulate", *arguments],
        cwd=ROOT,
        env={**os.environ, "SAFEHOLD_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_live_writes_events_and_what_the_rules_should_find(tmp_path: Path) -> None:
    out, truth = tmp_path / "events.jsonl", tmp_path / "truth.jsonl"
    sizes = ("--seconds", "300", "--live-facilities", "1", "--detainees", "12", "--fps", "1", "--corrupt", "1")
    done = safehold(tmp_path, "live", *sizes, "--out", str(out), "--truth", str(truth))
    assert done.returncode == 0, done.stderr
    assert "bad records among them: 16" in done.stdout
    lines = out.read_bytes().splitlines()
    assert json.loads(lines[0])["type"] == "site_plan"
    assert json.loads(lines[-1])["reason"] == "end_of_replay"
    found = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert {"rule", "facility", "zone", "subjects", "begin_ms", "end_ms", "kind", "ways"} == set(found[0])


def test_registers_are_added_once(tmp_path: Path) -> None:
    sizes = ("--provinces", "1", "--cities-per-province", "1", "--months", "2", "--live-facilities", "1")
    first, second = (safehold(tmp_path, "registers", *sizes) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "register.admin_unit: 3 rows added" in first.stdout
    assert all(line.endswith(" 0 rows added") for line in second.stdout.splitlines())


def test_a_scene_is_drawn_with_its_boxes(tmp_path: Path) -> None:
    done = safehold(tmp_path, "scene", str(tmp_path / "scene"), "--seconds", "2", "--fps", "2", "--dark", "0-1")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "scene").glob("*.png"))) == 4
    assert (tmp_path / "scene" / "gt.txt").exists()


def test_a_wrong_option_says_what_to_give_and_exits_with_2(tmp_path: Path) -> None:
    for arguments, hint in (
        (("live", "--start", "tomorrow"), "write e.g. 2026"),
        (("live", "--incidents", "many"), "say none, each or a number"),
        (("live", "--noise", "7"), "give a number from 0 to 1"),
        (("live", "--noise", "mood=1"), "jitter_m, missed"),
        (("scene", str(tmp_path / "s"), "--frozen", "never"), "write e.g. 8-12"),
        (("live", "--seconds", "60"), "safehold up"),
    ):
        done = safehold(tmp_path, *arguments)
        assert done.returncode == 2, done.stdout + done.stderr
        assert hint in done.stderr
        assert "Traceback" not in done.stderr
