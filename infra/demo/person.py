"""A person's risk and custody code, by the commands that officers type: read, confirmed, appealed, sealed, verified.

The fight of the demo proposes a demerit against one of the two. An officer confirms it and the code turns; the person
appeals and another officer upholds it, so that the code is as if the entry had never been; the extract says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.custody.read import code_periods, scores
from infra.settings import SafeholdError, Settings, UserError
from ingestion.contracts import PersonContext

OFFICER, OTHER_OFFICER, COUNSEL = "o-duty", "o-appeals", "o-counsel"
WHY = "shown in the demo"


@dataclass(frozen=True)
class Person:
    """Somebody in custody and what the platform made of it."""

    subject: str
    stay: str

    def admitted(self, facility: str, device: str, at: int) -> PersonContext:
        """What the register says of the person."""
        return PersonContext(
            facility=facility,
            event_time=at,
            device=device,
            subject=self.subject,
            stay=self.stay,
            case_class="violent",
            first_custody=True,
        )


@dataclass(frozen=True)
class Shown:
    """The risk's level and reasons, the levels of the code in turn, and what `code verify` said of the extract."""

    risk: str
    reasons: list[str]
    code: list[str]
    verified: str


def is_proposed(settings: Settings, person: Person) -> bool:
    """Whether the code holds an entry that waits for an officer."""
    return bool(_proposed(settings, person))


def show_person(settings: Settings, person: Person, extract: Path) -> Shown:
    """Read, confirm, appeal, decide, extract and verify; the stream job has to run and time to pass in it.

    Raises:
        SafeholdError: a command failed.
    """
    _safehold(settings, "risk", "explain", person.subject, "--by", OFFICER, "--why", WHY)
    score = scores(settings, person.subject)[-1]
    (entry,) = _proposed(settings, person)
    levels = [_level(settings, person)]
    for command, officer in (
        (("confirm", person.stay, "--entry", entry), OFFICER),
        (("appeal", person.stay, entry, "file", "--ground", "not_me"), COUNSEL),
        (("appeal", person.stay, entry, "uphold"), OTHER_OFFICER),
    ):
        _safehold(settings, "code", *command, "--by", officer, "--why", WHY)
        levels.append(_level(settings, person))
    _safehold(settings, "code", "extract", person.stay, "--by", OFFICER, "--why", WHY, "--out", str(extract))
    verified = _safehold(settings, "code", "verify", str(extract)).splitlines()[0]
    return Shown(
        risk=f"{score['level']}, {score['score']:g}",
        reasons=[f"{part['zh']} / {part['en']}" for part in json.loads(score["contributions"])],
        code=levels,
        verified=verified,
    )


def _proposed(settings: Settings, person: Person) -> list[str]:
    try:
        now = code_periods(settings, person.stay)[-1]
    except UserError:  # no code yet
        return []
    return [entry["entry"] for entry in json.loads(now["entries"]) if entry["state"] == "proposed"]


def _level(settings: Settings, person: Person) -> str:
    now = code_periods(settings, person.stay)[-1]
    return f"{now['level']}, {now['points']:g}"


def _safehold(settings: Settings, *arguments: str) -> str:
    """What a command printed, run as a user runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        env={**os.environ, "SAFEHOLD_HOME": str(settings.home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise SafeholdError(
            f"safehold {' '.join(arguments)}:\n{done.stdout}{done.stderr}", where="the demo's live part"
        )
    return done.stdout
