"""The model card: what a fitted scorecard was made from, what it is worth, and for whom it errs."""

from __future__ import annotations

from datetime import UTC, datetime

from batch_jobs.risk.model import FLAGGED, Judged


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).date().isoformat()


def _share(value: tuple[float, float, float]) -> str:
    return "-" if value[0] != value[0] else f"{value[0]:.1%} ({value[1]:.1%} to {value[2]:.1%})"


def _area(value: tuple[float, float, float]) -> str:
    return f"{value[0]:.3f} ({value[1]:.3f} to {value[2]:.3f})"


def model_card(name: str, in_force: str, judged: Judged, source: str) -> str:
    """The card as Markdown, with every figure from ``judged``."""
    q = judged.question
    lines = [
        f"<!-- Written by `safehold risk fit`; {source}. -->",
        f"# Model card: {name}",
        "",
        "**What it is.** An additive scorecard, fitted as a logistic model in which every factor keeps the sign that "
        f"{in_force} gives it. It says whom to look after. It is advice: it expires, shows its contributions, is not "
        "used to decide about a person, and is put in force by a named person after a time in shadow.",
        "",
        f"**What it answers.** Whether somebody will be in an alert of {', '.join(sorted(q.outcomes))} within "
        f"{q.horizon_h:g} hours of a moment; one moment every {q.every_h:g} hours.",
        "",
        f"**What it was made from.** {source}. Each row holds what the platform had by its moment, made by the "
        "functions that score in the stream. Ethnicity, religion, biometrics and free text are no inputs and cannot "
        "be; sex is no input and is used here to look for unequal errors only.",
        "",
        "| | to learn from | to judge by |",
        "|---|---|---|",
        f"| moments | {_day(judged.span[0])} and later | {_day(judged.span[1])} to {_day(judged.span[2])} |",
        f"| rows | {judged.rows[0]:,} | {judged.rows[1]:,} |",
        f"| persons | {judged.people[0]:,} | {judged.people[1]:,} |",
        f"| with an outcome | {judged.outcomes[0]:,} | {judged.outcomes[1]:,} |",
        "",
        "## Discrimination",
        "Area under the ROC curve on the later rows, with a 95 % interval by a bootstrap over persons.",
        "",
        "| score | AUC |",
        "|---|---|",
        f"| {in_force}, in force | {_area(judged.in_force)} |",
        f"| {name} | {_area(judged.fitted)} |",
    ]
    if judged.ceiling is not None:
        lines.append(f"| the true chance, known in the simulation only | {judged.ceiling:.3f} |")
    lines += [
        "",
        "## Calibration",
        f"On the later rows, by tenths of the predicted chance; mean distance {judged.error:.2%}.",
        "",
        "| rows | predicted | observed (95 %) |",
        "|---|---|---|",
        *(f"| {b.rows:,} | {b.predicted:.2%} | {_share((b.observed, b.low, b.high))} |" for b in judged.bins),
        "",
        "## Stability",
        f"Population stability index of the prediction, earlier to later rows: {judged.drift:.3f} "
        "(0.1 is a small shift, 0.25 a large one). The largest of single factors:",
        "",
        *(
            f"- {factor}: {value:.3f}"
            for factor, value in sorted(judged.drift_by_factor.items(), key=lambda f: -f[1])[:5]
        ),
        "",
        "## Errors by group",
        f"At the chance above which a {FLAGGED:.0%} of the earlier rows lie ({judged.threshold:.2%}). Missed: of those "
        "with an outcome, who lie below. False: of those without, who lie above. With 95 % intervals.",
        "",
        "| group | rows | outcomes | missed | false |",
        "|---|---|---|---|---|",
        *(
            f"| {e.group} | {e.rows:,} | {e.outcomes:,} | {_share(e.missed)} | {_share(e.false)} |"
            for e in judged.groups
        ),
        "",
        "A group whose interval does not touch that of all is to be understood before the card is activated.",
        "",
        "## Points",
        "12 points double the odds. "
        + (
            f"No earlier row shows these, which keep their points: {', '.join(judged.unseen)}." if judged.unseen else ""
        ),
        "",
        "| factor | points |",
        "|---|---|",
        *(f"| {factor} | {points:+g} |" for factor, points in sorted(judged.points.items(), key=lambda p: -p[1])),
        "",
    ]
    return "\n".join(lines)
