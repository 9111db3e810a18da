"""The demo's instance: made anew for each run, and never in the place of anybody's data."""

from __future__ import annotations

import json
import shutil

from infra import audit
from infra.local.instance import stop_services
from infra.settings import Settings, UserError

MARK = "demo.json"
KEPT = ("secrets", "superset", "run")
"""What a new run keeps: the log-ins, Superset's own state, the ports."""


def begin_anew(settings: Settings, seed: int) -> None:
    """Stop and empty an earlier demo's instance, and mark the new one.

    Raises:
        UserError: the instance holds data that no demo made.
    """
    mark = settings.home / MARK
    if settings.home.exists():
        if not mark.exists() and (settings.lake.exists() or settings.kafka.exists()):
            raise UserError(
                "this instance holds data that the demo did not make",
                where=str(settings.home),
                do="run the demo elsewhere: SAFEHOLD_HOME=.safehold-demo make demo",
            )
        stop_services(settings)
        for path in settings.home.iterdir():
            if path.is_dir() and path.name not in KEPT:
                shutil.rmtree(path)
        audit.head_file(settings).unlink(missing_ok=True)  # the log that it was the end of is gone
    settings.home.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"seed": seed}) + "\n", encoding="utf-8")
