"""Free ports of an instance, chosen once and kept, so that several instances live side by side."""

from __future__ import annotations

import fcntl
import http.client
import json
import socket
import zlib

from infra.settings import SafeholdError, Settings

HOST = "127.0.0.1"
# Below the range that Linux gives to outgoing connections (32768-60999): a port chosen here is not
# taken by somebody's passing connection while the service is down.
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    """True if a server could listen on this port of the local address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def serves(port: int, path: str, *, timeout_s: float) -> bool:
    """True if a page of a local HTTP server answers with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def choose_port(settings: Settings, name: str, preferred: int | None = None) -> int:
    """The port kept for `name` if it is still free, else the preferred one, else any free one.

    Call it only while the service does not run. The choice is kept in `<run>/ports.json`.

    Raises:
        SafeholdError: no port of the range is free.
    """
    settings.run.mkdir(parents=True, exist_ok=True)
    # Services may start side by side: one chooses after the other, and none reads a file that is half written.
    with (settings.run / "ports.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return _choose(settings, name, preferred)


def _choose(settings: Settings, name: str, preferred: int | None) -> int:
    path = settings.run / "ports.json"
    kept: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    span = HIGHEST - LOWEST
    # Instances begin to look at different places, so two that start at once do not race for a port.
    first = zlib.crc32(f"{settings.home}/{name}".encode()) % span
    wanted = [kept[name]] if name in kept else []
    wanted += [preferred] if preferred is not None else []
    wanted += [LOWEST + (first + step) % span for step in range(span)]
    others = {port for other, port in kept.items() if other != name}
    for port in wanted:
        if port not in others and is_free(port):
            path.write_text(json.dumps({**kept, name: port}, indent=1), encoding="utf-8")
            return port
    raise SafeholdError(f"no free port between {LOWEST} and {HIGHEST} for {name}", do="stop other programs")
