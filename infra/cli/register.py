"""Importing registers from somebody's own files."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
