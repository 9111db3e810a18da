"""An instance keeps its ports, moves where one is taken, and never shares one with itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from infra.local.ports import HIGHEST, HOST, LOWEST, choose_port
from infra.settings import Settings, load_settings


def settings_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SAFEHOLD_HOME", str(home))
    return load_settings()


def test_a_chosen_port_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path, monkeypatch)
    port = choose_port(settings, "broker")
    assert LOWEST <= port < HIGHEST
    assert choose_port(settings, "broker") == port


def test_two_services_have_two_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path, monkeypatch)
    assert choose_port(settings, "broker") != choose_port(settings, "other", preferred=choose_port(settings, "broker"))


def test_two_instances_look_at_different_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = settings_at(tmp_path / "one", monkeypatch)
    two = settings_at(tmp_path / "two", monkeypatch)
    assert choose_port(one, "broker") != choose_port(two, "broker")


def test_a_port_that_somebody_took_meanwhile_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path, monkeypatch)
    port = choose_port(settings, "broker")
    with socket.socket() as taken:
        taken.bind((HOST, port))
        taken.listen()
        moved = choose_port(settings, "broker")
    assert moved != port
    assert choose_port(settings, "broker") == moved


def test_a_preferred_port_is_taken_where_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path, monkeypatch)
    free = choose_port(settings, "probe")
    (settings.run / "ports.json").unlink()
    assert choose_port(settings, "web", preferred=free) == free
    (settings.run / "ports.json").unlink()
    with socket.socket() as taken:
        taken.bind((HOST, free))
        taken.listen()
        assert choose_port(settings, "web", preferred=free) != free
