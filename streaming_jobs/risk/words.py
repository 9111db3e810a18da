"""What changed about a score, in words, from its contributions alone."""

from __future__ import annotations

from collections.abc import Sequence

from streaming_jobs.risk.record import Level
from streaming_jobs.risk.score import Contribution

SHOWN = 6  # changes in a sentence; the smaller ones are added up
LEVELS: dict[Level, tuple[str, str]] = {"low": ("低", "low"), "elevated": ("较高", "elevated"), "high": ("高", "high")}
_FIRST = ("24小时前尚无评分", "no score 24 hours ago")
_SAME = ("与24小时前相同", "the same as 24 hours ago")


def points_of(number: float) -> str:
    """Points as people write them: 12, 3.5, never 12.0."""
    return f"{number:.1f}".removesuffix(".0")


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else '−'}{points_of(abs(number))}"


def changed_words(before: Sequence[Contribution] | None, now: Sequence[Contribution]) -> tuple[str, str]:
    """What changed in the last 24 hours, in Chinese and English.

    Args:
        before: contributions 24 hours ago, None where there was no score yet.
    """
    if before is None:
        return _FIRST
    old, new = {c.factor: c for c in before}, {c.factor: c for c in now}
    moved: list[tuple[float, str, str]] = []
    for name in sorted({*old, *new}, key=lambda name: (-abs(_move(old, new, name)), name)):
        move = _move(old, new, name)
        if abs(move) < 0.05:
            continue
        one = new.get(name) or old[name]
        zh, en = _how(old.get(name), new.get(name))
        moved.append((move, f"{zh}「{one.text.zh}」{_signed(move)}", f"{en}: {one.text.en} {_signed(move)}"))
    if not moved:
        return _SAME
    total = round(sum(c.points for c in now) - sum(c.points for c in before), 2)
    shown, rest = moved[:SHOWN], round(sum(move for move, _, _ in moved[SHOWN:]), 2)
    zh = "；".join(text for _, text, _ in shown) + (f"；其余合计{_signed(rest)}" if rest else "")
    en = "; ".join(text for _, _, text in shown) + (f"; the rest together {_signed(rest)}" if rest else "")
    if abs(total) < 0.05:
        return f"总分与24小时前相同：{zh}", f"the same sum as 24 hours ago: {en}"
    more = total > 0
    size = points_of(abs(total))
    noun = "point" if size == "1" else "points"
    return (
        f"较24小时前{'高' if more else '低'}{size}分：{zh}",
        f"{size} {noun} {'more' if more else 'less'} than 24 hours ago: {en}",
    )


def _move(old: dict[str, Contribution], new: dict[str, Contribution], name: str) -> float:
    before = old[name].points if name in old else 0.0
    return (new[name].points if name in new else 0.0) - before


def _how(old: Contribution | None, new: Contribution | None) -> tuple[str, str]:
    if old is None:
        return "新增", "new"
    if new is None:
        return "不再计入", "no longer"
    if new.kind == "happening":
        return ("再次发生", "again") if new.since_s != old.since_s else ("随时间减弱", "fading")
    return "变化", "changed"
