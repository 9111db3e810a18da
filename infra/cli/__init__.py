"""The command `safehold`. One module a group of commands; each adds its own to the app.

Heavy libraries are imported inside the commands, so that `safehold --help` answers at once.
Errors a user can mend exit with 2, our own with 1; neither shows a traceback.
"""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime

import typer
from typer.exceptions import TyperException

from infra.cli import (
    access,
    alerts,
    code,
    contracts,
    dashboards,
    demo,
    gateway,
    ingest,
    inspect,
    lakehouse,
    marts,
    observe,
    register,
    replay,
    report,
    risk,
    rules,
    services,
    stream,
    visits,
)
from infra.settings import SafeholdError, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
GROUPS = (
    demo, services, ingest, replay, stream, observe, alerts, gateway, risk, code,
    register, inspect, visits, lakehouse, marts, dashboards, access, report, contracts, rules,
)  # fmt: skip
for group in GROUPS:
    group.add_to(app)


@app.callback()
def safehold() -> None:
    """Safety of people in custody, and accountability of those who hold them."""


def _log_of(error: BaseException) -> str:
    """Write the traceback into the instance's log and return the file's name."""
    logs = load_settings().logs
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / "cli-errors.log"
    with path.open("a", encoding="utf-8") as out:
        out.write(f"--- {datetime.now(UTC).isoformat()} {' '.join(sys.argv)}\n")
        out.writelines(traceback.format_exception(error))
    return str(path)


def main() -> None:
    """Entry point of the command line; always ends with an exit code."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except TyperException as error:
        # A call that typer itself refuses; its kinds know how to show themselves with their usage.
        show = getattr(error, "show", None)
        show() if show is not None else print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except SafeholdError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        print(f"error: something went wrong inside safehold: {error}", file=sys.stderr)
        print(f"  where: {_log_of(error)}", file=sys.stderr)
        print("  do:    report it with that file", file=sys.stderr)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
