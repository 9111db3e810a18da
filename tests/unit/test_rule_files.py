"""Rule files with faults: each is refused with file, line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from streaming_jobs.catalogue import RULES_DIR, RuleError, load_cases, load_catalogue, load_rule
from streaming_jobs.catalogue.words import in_words

GOOD = (RULES_DIR / "cell" / "cel-02.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str, name: str = "cel-02.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("feature: subject.speed", "feature: subject.sped", "unknown feature 'subject.sped'", 7),
        ("value: speed_limit", "value: limit", "parameter 'limit' is used but not given", 1),
        ("severity: minor", "severity: tiny", "severity", 18),
        ("gap: 1", "gap: -1", "gap", 10),
        ("grain: subject", "grain: zone", "is not of the rule's grain 'zone'", 1),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(RuleError, match=message.replace("'", ".")) as fault:
        load_rule(written(tmp_path, GOOD.replace(old, new)))
    where = fault.value.where
    assert where.startswith(str(tmp_path / "cel-02.yaml"))
    assert int(where.rsplit(":", 1)[1]) == line


def test_bytes_that_are_no_text_and_text_that_is_no_yaml_are_named(tmp_path: Path) -> None:
    path = tmp_path / "cel-02.yaml"
    path.write_bytes(b"id: \xff\xfe")
    with pytest.raises(RuleError, match="UTF-8"):
        load_rule(path)
    with pytest.raises(RuleError, match="not YAML") as fault:
        load_rule(written(tmp_path, "id: cel-02\ntitle: {zh: [\n"))
    assert fault.value.where.startswith(f"{path}:")


def test_an_id_must_be_the_file_name_and_stand_once(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="named"):
        load_rule(written(tmp_path, GOOD, "cel-03.yaml"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "cel-03.yaml").unlink()
    written(tmp_path / "a", GOOD)
    written(tmp_path / "b", GOOD)
    with pytest.raises(RuleError, match="same id"):
        load_catalogue(tmp_path)


def test_a_rule_can_be_said_in_words_with_its_sources() -> None:
    for rule in load_catalogue():
        words = in_words(rule)
        assert rule.title.zh in words
        assert rule.advice.en in words
        for values in rule.parameters.values():
            assert all(value.source in words for value in values)


def test_a_run_of_zeros_is_not_read_as_a_hexadecimal_number(tmp_path: Path) -> None:
    text = (RULES_DIR / "cell" / "cel-02.cases.yaml").read_text(encoding="utf-8")
    path = written(
        tmp_path, text.replace("subject.running_allowed: 1", "subject.running_allowed: 0x30"), "x.cases.yaml"
    )
    series = [case.series["subject.running_allowed"] for case in load_cases(path).cases]
    assert "0x30" in series
