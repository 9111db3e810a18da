"""The set-up does what is due, once, and says what to do where it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.setup import step as module
from infra.setup import steps
from infra.setup.step import Failed, Step, Without, run


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps and logs of these tests lie in their own folder."""
    monkeypatch.setattr(module, "STATE", tmp_path / "state")
    monkeypatch.setattr(module, "ROOT", tmp_path)


def counted(tmp_path: Path) -> tuple[Step, list[Path]]:
    """A step that makes a file from a lock file, and the times it was done."""
    done: list[Path] = []
    (tmp_path / "lock").write_text("a==1")

    def work(log: Path) -> None:
        done.append(log)
        (tmp_path / "made").touch()

    return Step("made", "something", (tmp_path / "lock",), (tmp_path / "made",), work), done


def test_a_step_is_done_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step, done = counted(tmp_path)
    step.run()
    step.run()
    assert len(done) == 1
    out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"setup: something: done in \d+\.\d s", out[1])
    assert out[2] == "setup: something: there"


def test_a_step_is_done_again_when_its_lock_file_changed_or_its_result_is_gone(tmp_path: Path) -> None:
    step, done = counted(tmp_path)
    step.run()
    (tmp_path / "lock").write_text("a==2")
    step.run()
    (tmp_path / "made").unlink()
    step.run()
    assert len(done) == 3


def test_a_step_that_failed_is_due_again(tmp_path: Path) -> None:
    step, _ = counted(tmp_path)
    step.run()
    (tmp_path / "lock").write_text("a==2")

    def work(log: Path) -> None:
        run(["sh", "-c", "echo no route to the index; exit 3"], log, do="see that the index can be reached")

    broken = Step(step.name, step.title, step.inputs, step.outputs, work)
    with pytest.raises(Failed, match=r"(?s)ended with 3.*no route to the index.*do: +see that the index"):
        broken.run()
    (tmp_path / "lock").write_text("a==1")
    with pytest.raises(Failed):
        broken.run()


def test_a_step_that_can_be_done_without_is_tried_again_next_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(log: Path) -> None:
        raise Without("install chromium")

    step = Step("browser", "browser", (), (), work)
    step.run()
    step.run()
    assert capsys.readouterr().out.count("going on without: install chromium") == 2


def test_a_long_step_says_that_it_still_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.1)
    run(["sh", "-c", "echo downloading; sleep 0.5"], tmp_path / "log", do="")
    assert re.search(r"still at it, \d+ s: downloading", capsys.readouterr().out)


def test_without_java_or_with_an_old_one_the_user_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match=r"(?s)no Java.*openjdk-17"):
        steps._check_java()
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    with pytest.raises(Failed, match=r"(?s)11\.0\.2.*at least 17"):
        steps._check_java()
    java.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\" 2023-10-17' >&2\n")
    steps._check_java()


def test_what_pip_was_told_uv_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")
    env = steps._uv_environment()
    assert env["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert env["UV_FIND_LINKS"] == "/wheels"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert steps._uv_environment()["UV_DEFAULT_INDEX"] == "https://own.example/simple"
