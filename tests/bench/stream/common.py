"""Rules for the benchmark: copies of the catalogue's, and the subset that every contender can express."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from streaming_jobs.catalogue import Rule, load_catalogue

COMMON = (
    "cel-01",  # pair: two people near each other, one of them moving abruptly
    "cel-02",  # subject: running
    "cel-03",  # zone: a crowd around one spot
    "cel-05",  # subject: climbing
    "cel-06",  # subject: lying beside the bed
    "cel-12",  # pair: detainees of different blocks near each other
    "dev-01",  # zone: a blind camera
    "env-01",  # zone: alarm, heat or CO2 of the room's sensors
    "hlt-01",  # subject: heart rate or oxygen outside the person's limits
    "hlt-03",  # subject: fallen
    "stf-03",  # zone: nobody in the control room
)
"""One rule of each kind of logic that all contenders run."""


def copy_of(rule: Rule, place: int, number: int) -> Rule:
    """A rule under another valid id and with thresholds a little higher, so that no two rules are equal.

    Args:
        place: of the rule among the originals, 0 to 99. number: of the copy, 1 to 675; 0 is the rule itself.
    """
    if number == 0:
        return rule
    data = rule.model_dump(mode="json", by_alias=True)
    data["id"] = f"x{chr(97 + number // 26)}{chr(97 + number % 26)}-{place:02d}"
    data["title"] = {name: f"{text} ({number})" for name, text in data["title"].items()}
    for dated in data["parameters"].values():
        for one in dated:
            one["value"] *= 1 + 0.01 * number
            one["profiles"] = {name: value * (1 + 0.01 * number) for name, value in one["profiles"].items()}
    return Rule.model_validate(data)


def copies(originals: list[Rule], count: int) -> list[tuple[Rule, Rule]]:
    """``count`` pairs of an original and its copy: all originals first, then all their first copies, and so on."""

    def pairs() -> Iterator[tuple[Rule, Rule]]:
        for number in range(count):
            place, copy = number % len(originals), number // len(originals)
            yield originals[place], copy_of(originals[place], place, copy)

    return list(pairs())


def common_rules(count: int) -> list[tuple[str, Rule]]:
    """``count`` rules of the common subset, each with the id of its original, which names its kind of logic."""
    catalogue = load_catalogue()
    return [(original.id, rule) for original, rule in copies([catalogue[name] for name in COMMON], count)]


def write_rules(folder: Path, rules: list[Rule]) -> None:
    """Rules as files that the job reads."""
    folder.mkdir(parents=True)
    for rule in rules:
        data = msgspec.json.decode(rule.model_dump_json(by_alias=True))
        (folder / f"{rule.id}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
