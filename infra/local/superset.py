"""Superset as a service of an instance: its own environment, SQLite metadata, generated keys, gunicorn."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from infra.local import process
from infra.local.ports import HOST, choose_port, serves
from infra.local.service import Background
from infra.settings import SafeholdError, Settings
from infra.settings.model import ROOT

NAME = "superset"
ENVIRONMENT = ROOT / ".venv-superset"
CONFIG = ROOT / "dashboards" / "superset_config.py"
PROVISION = ROOT / "dashboards" / "server" / "provision.py"
BOOT_TIMEOUT_S = 120.0


class Superset(Background):
    """The dashboards' server. `start` provisions the metadata on first use and after an upgrade."""

    name = NAME

    def start(self, settings: Settings) -> None:
        """Provision what is not current, start gunicorn, wait until the log-in page answers.

        Raises:
            SafeholdError: the environment is not installed, provisioning failed, or it does not answer.
        """
        if self.is_running(settings):
            return
        python = ENVIRONMENT / "bin" / "python"
        if not python.exists():
            raise SafeholdError("Superset's environment is not installed", where=str(ENVIRONMENT), do="run: make setup")
        port = choose_port(settings, NAME, settings.superset_port)
        if port != settings.superset_port:
            print(f"superset: port {settings.superset_port} is taken, using {port}", file=sys.stderr)
        env = _environment(settings, port)
        _provision(settings, python, env)
        record = process.start(
            settings,
            NAME,
            [
                str(ENVIRONMENT / "bin" / "gunicorn"),
                *("--workers", str(settings.superset_workers), "--worker-class", "gthread", "--threads", "4"),
                *(
                    "--timeout",
                    "120",
                    # The default of 2 s shuts connections that browsers are about to use again.
                    "--keep-alive",
                    "75",
                    "--graceful-timeout",
                    "3",
                    "--preload",
                    "--no-control-socket",
                    "--bind",
                    f"{HOST}:{port}",
                ),
                "superset.app:create_app()",
            ],
            address=f"http://{HOST}:{port}",
            env=env,
        )
        # Its `/health` says 200 even where pages cannot be made.
        process.wait_ready(settings, record, lambda: serves(port, "/login/", timeout_s=10), timeout_s=BOOT_TIMEOUT_S)


def _write_secret(path: Path, value: object) -> None:
    """Write JSON that only the owner may read; made with that mode, never opened wider first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(value, out, ensure_ascii=False, indent=1)


def _keys_file(settings: Settings) -> Path:
    """File with the generated keys that sign sessions and encrypt connection secrets; made once."""
    path = settings.secrets / "superset-keys.json"
    if not path.exists():
        _write_secret(path, {"secret_key": secrets.token_hex(32), "guest_key": secrets.token_hex(32)})
    return path


def _environment(settings: Settings, port: int) -> dict[str, str]:
    """Variables that Superset and its configuration read."""
    return {
        "SAFEHOLD_SUPERSET_HOME": str(settings.superset),
        "SAFEHOLD_SUPERSET_KEYS": str(_keys_file(settings)),
        "SAFEHOLD_SUPERSET_PORT": str(port),
        "SAFEHOLD_PUBLISHED": str(settings.published_db),
        "SUPERSET_CONFIG_PATH": str(CONFIG),
        "SUPERSET_HOME": str(settings.superset),
        "SCARF_ANALYTICS": "false",  # Superset's call home; the pages' policy forbids it as well
        "FLASK_APP": "superset",
        "PYTHONPATH": "",
    }


def _provision(settings: Settings, python: Path, env: dict[str, str]) -> None:
    """Upgrade the metadata and make the administrator, unless the stamp says that both are current.

    Raises:
        SafeholdError: the provisioning script failed; the end of its log says why.
    """
    settings.superset.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = settings.superset / "provisioned"
    lock = ROOT / "requirements" / "superset.lock"
    current = hashlib.blake2b(lock.read_bytes() + PROVISION.read_bytes(), digest_size=16).hexdigest()
    # Without the log-ins the administrator could not be reached: then provisioning sets a new password.
    if logins_file(settings).exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == current:
        return
    settings.logs.mkdir(parents=True, exist_ok=True)
    log = settings.logs / "superset-provision.log"
    password = admin_password(settings)
    with log.open("ab") as out:
        done = subprocess.run(
            # -P: the script's folder must not come before the environment's packages.
            [str(python), "-P", str(PROVISION)],
            input=password.encode() + b"\n",
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
            check=False,
        )
    if done.returncode != 0:
        raise SafeholdError(
            f"Superset's metadata could not be set up; the end of the log:\n{process.log_tail(log)}",
            where=str(log),
            do=f"mend what the log names; to begin anew remove {settings.superset}",
        )
    stamp.write_text(current, encoding="utf-8")


def admin_password(settings: Settings) -> str:
    """The administrator's password of this instance; generated on first use and kept."""
    return login_passwords(settings, ["admin"])["admin"]


def logins_file(settings: Settings) -> Path:
    """File with the first passwords of the instance's users, readable by the owner only."""
    return settings.secrets / "logins.json"


def login_passwords(settings: Settings, users: list[str]) -> dict[str, str]:
    """Passwords by user name, generated for those who have none yet and kept in `secrets/logins.json`."""
    path = logins_file(settings)
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = [user for user in users if user not in known]
    if missing:
        known |= {user: secrets.token_urlsafe(12) for user in missing}
        _write_secret(path, known)
    return {user: known[user] for user in users}
