"""The steps of the set-up: two Python environments, jars, browser, MQTT broker."""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path

from infra.setup.step import ROOT, STATE, Failed, Step, Without, run, say

VENV = ROOT / ".venv"
SUPERSET_VENV = ROOT / ".venv-superset"
JARS = ROOT / "infra" / "jars"
JAVA_AT_LEAST = 17
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NETWORK = "see that the package index can be reached (pip's own settings and variables count), then run this again"


def main() -> None:
    """Run the steps named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python3 -m infra.setup", description=__doc__)
    parser.add_argument("--only", action="append", choices=[step.name for step in STEPS], help="run this step only")
    only = parser.parse_args().only
    began = time.monotonic()
    STATE.mkdir(parents=True, exist_ok=True)
    try:
        # Two `make` at once would install into the same folders.
        with (STATE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for step in STEPS:
                if not only or step.name in only:
                    step.run()
    except Failed as failure:
        sys.exit(f"setup: FAILED: {failure}")
    say(f"ready after {time.monotonic() - began:.1f} s")


# -- Python ---------------------------------------------------------------------------------------


def _python(log: Path) -> None:
    _make_venv(VENV, log)
    uv = _uv(log)
    install: list[str | Path] = [uv, "pip", "install", "--python", VENV / "bin" / "python"]
    env = _uv_environment()
    run([*install, "-r", "requirements/main.lock"], log, do=NETWORK, env=env, append=True)
    run([*install, "--no-deps", "-e", "."], log, do=NETWORK, env=env, append=True)


def _superset(log: Path) -> None:
    log.write_bytes(b"")
    _make_venv(SUPERSET_VENV, log)
    install: list[str | Path] = [_uv(log), "pip", "install", "--python", SUPERSET_VENV / "bin" / "python"]
    run([*install, "-r", "requirements/superset.lock"], log, do=NETWORK, env=_uv_environment(), append=True)


def _make_venv(folder: Path, log: Path) -> None:
    if (folder / "bin" / "python").exists():
        return
    do = "install Python's venv module (Debian: apt install python3-venv), then run this again"
    run([sys.executable, "-m", "venv", "--clear", folder], log, do=do)


def _uv(log: Path) -> Path:
    """uv of the main environment; pip brings it there first."""
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        run([VENV / "bin" / "python", "-m", "pip", "install", "uv"], log, do=NETWORK, append=True)
    return uv


def _uv_environment() -> dict[str, str]:
    """This process's variables, and pip's settings as uv calls them: uv reads none of pip's.

    Whoever has told pip where packages come from need not tell it twice.
    """
    env = dict(os.environ)
    listed = subprocess.run(
        [VENV / "bin" / "python", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
        "timeout": "UV_HTTP_TIMEOUT",
        "default-timeout": "UV_HTTP_TIMEOUT",
    }
    # Lines such as `global.index-url='https://…'` and `:env:.find-links='/wheels'`, the latter winning.
    for key, value in re.findall(r"^[\w:]+\.([\w-]+)='(.*)'$", listed, flags=re.MULTILINE):
        if key in names:
            env.setdefault(names[key], value.replace("\\n", " ").strip())
    return env


# -- Java -----------------------------------------------------------------------------------------


def _jars(log: Path) -> None:
    _check_java()
    maven = shutil.which("mvn")
    if maven is None:
        raise Failed("there is no Maven (program mvn) to fetch the jars with", "install it (Debian: apt install maven)")
    do = "see that Maven reaches its repository (its settings.xml counts), then run this again"
    # Into a new folder that replaces the old one: two versions of one jar on a class path are worse
    # than none, and a failed download leaves what was there.
    fresh = JARS / "lib.new"
    shutil.rmtree(fresh, ignore_errors=True)
    run([maven, "-B", "-q", "-f", JARS / "pom.xml", f"-Dout={fresh}", "process-resources"], log, do=do)
    shutil.rmtree(JARS / "lib", ignore_errors=True)
    fresh.rename(JARS / "lib")


def _check_java() -> None:
    java = shutil.which("java")
    install = f"install a Java {JAVA_AT_LEAST} (Debian: apt install openjdk-{JAVA_AT_LEAST}-jre-headless)"
    if java is None:
        raise Failed("there is no Java (program java) for the broker, Flink and Spark", install)
    text = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', text)
    if version is None or int(version[1]) < JAVA_AT_LEAST:
        first = next(iter(text.splitlines()), "of an unknown version")
        raise Failed(f"{java} is {first}, Safehold needs at least {JAVA_AT_LEAST}", install)


# -- browser --------------------------------------------------------------------------------------


def _browser(log: Path) -> None:
    """A browser for pictures of dashboards, Pango and Chinese letters for reports; the platform runs without."""
    missing = []
    if not os.environ.get("SAFEHOLD_BROWSER") and not any(shutil.which(name) for name in BROWSERS):
        missing.append("chromium")
    if find_library("pangoft2-1.0") is None:
        missing.append("libpangoft2-1.0-0")
    if not _has_chinese_letters():
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    _packages(missing, "for pictures and reports", log)


def _mqtt(log: Path) -> None:
    """The broker for devices that speak MQTT; everything else runs without."""
    if shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        _packages(["mosquitto"], "for devices that speak MQTT", log)


def _packages(missing: list[str], what_for: str, log: Path) -> None:
    """Debian's packages, where they may be installed."""
    by_hand = f"{what_for} install {' and '.join(missing)} (apt install {' '.join(missing)})"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Without(by_hand)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update"], log, do=by_hand, env=env)
        run(["apt-get", "install", "-y", "--no-install-recommends", *missing], log, do=by_hand, env=env, append=True)
    except Failed as failure:
        raise Without(str(failure)) from failure


def _has_chinese_letters() -> bool:
    listed = shutil.which("fc-list")
    if listed is None:
        return False
    return bool(subprocess.run([listed, ":lang=zh"], capture_output=True, check=False).stdout.strip())


STEPS = (
    Step(
        "python",
        "Python environment",
        (ROOT / "requirements" / "main.lock", ROOT / "pyproject.toml"),
        (VENV / "bin" / "safehold",),
        _python,
    ),
    Step("jars", "jars of Kafka, Flink and Spark", (JARS / "pom.xml",), (JARS / "lib" / "kafka",), _jars),
    Step(
        "superset",
        "Superset's environment",
        (ROOT / "requirements" / "superset.lock",),
        (SUPERSET_VENV / "bin" / "superset",),
        _superset,
    ),
    Step("browser", "browser for pictures", (), (), _browser),
    Step("mqtt", "MQTT broker", (), (), _mqtt),
)
