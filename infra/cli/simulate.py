"""`safehold simulate`: registers, live events and scenes from a seed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.settings import UserError

if TYPE_CHECKING:
    from ingestion.sources.simulator import Scenario

SIZES: dict[str, tuple[type, Any, str]] = {
    "seed": (int, 7, "Everything follows from it."),
    "provinces": (int, 2, "Provinces."),
    "cities_per_province": (int, 2, "Cities of a province."),
    "facilities_per_city": (int, 2, "Facilities of a city."),
    "start": (str, None, "Begin of the live part, e.g. 2026-11-23T20:50:00+08:00."),
    "live_facilities": (int, 2, "Facilities that post live events."),
    "detainees": (int, 60, "Detainees of a live facility."),
}
"""Options of every scenario: type, default, help."""
HISTORY = {"months": (int, 24, "Months of register history, the start's month included.")}
LIVE = {
    "seconds": (int, 3600, "Length of the live part."),
    "fps": (float, 2.0, "Frames a second of every camera."),
    "noise": (str, "0", "0 is a clean observation, 1 a poor one; or e.g. jitter_m=0.1,lost=0.02."),
    "incidents": (str, "each", "none, each, or a number an hour and facility."),
    "quiet": (bool, False, "A life without incidents."),
}

simulate = typer.Typer(no_args_is_help=True, help="Simulated registers, live events and camera scenes.")


def add_to(app: typer.Typer) -> None:
    """Add `simulate` with its commands."""
    app.add_typer(simulate, name="simulate")


def of_scenario(options: dict[str, tuple[type, Any, str]]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command that takes a scenario the options that the scenario is made of, before its own."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            command(_scenario(**{name: given.pop(name) for name in options}), **given)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        made = [_option(name, *about) for name, about in options.items()]
        run.__signature__ = inspect.Signature([*made, *own])  # type: ignore[attr-defined]
        return run

    return decorate


def _option(name: str, kind: type, default: Any, about: str) -> inspect.Parameter:
    flag = "--" + name.replace("_", "-")
    annotation: Any = Annotated[kind if default is not None else kind | None, typer.Option(flag, help=about)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _scenario(start: str | None, noise: str = "0", incidents: str = "each", **sizes: Any) -> Scenario:
    from ingestion.sources.simulator import Noise, Scenario

    if start is not None:
        try:
            sizes["start"] = datetime.fromisoformat(start)
        except ValueError as error:
            raise UserError(
                f"{start!r} is not a time", where="--start", do="write e.g. 2026-11-23T20:50:00+08:00"
            ) from error
    try:
        rate = incidents if incidents in ("none", "each") else float(incidents)
    except ValueError as error:
        raise UserError(
            f"{incidents!r} says nothing about incidents", where="--incidents", do="say none, each or a number"
        ) from error
    if "seconds" in sizes:
        sizes["live_seconds"] = sizes.pop("seconds")
    return Scenario(incidents=rate, noise=Noise.parse(noise), **sizes)


@simulate.command("registers")
@of_scenario(SIZES | HISTORY)
def registers_command(scenario: Any) -> None:
    """Write years of register history into the lake; a second time it changes nothing."""
    from infra.settings import load_settings
    from ingestion.sources.simulator import write_registers

    for table, rows in write_registers(load_settings(), scenario).items():
        print(f"register.{table}: {rows} rows added")


@simulate.command("live")
@of_scenario(SIZES | LIVE)
def live_command(
    scenario: Any,
    *,
    corrupt: Annotated[int, typer.Option(help="Bad records of every kind to add.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the events to this file instead of the broker.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write what the rules should find to this file.")] = None,
) -> None:
    """Post the live events of the live facilities, and say what the rules should find in them."""
    from ingestion.sources import simulator

    if truth is not None:
        simulator.write_truth(truth, scenario)
    records = simulator.corrupt(simulator.live(scenario), scenario.seed, each=corrupt)
    if out is not None:
        print(f"{out}: {simulator.write_records(out, records)} records")
    else:
        from infra.cli.ingest import ended, report_line
        from infra.settings import load_settings
        from ingestion.landing import land

        report = land(load_settings(), "simulator", records)
        print(report_line("simulator", report))
        ended(report)
    if corrupt:
        print(f"bad records among them: {len(records.injected)}")


@simulate.command("scene")
def scene_command(
    path: Annotated[Path, typer.Argument(help="An .mp4 file, or a folder for one PNG a frame.")],
    seed: Annotated[int, typer.Option(help="Everything follows from it.")] = 7,
    seconds: Annotated[float, typer.Option(help="Length.")] = 20.0,
    fps: Annotated[float, typer.Option(help="Frames a second.")] = 10.0,
    people: Annotated[int, typer.Option(help="People who walk through the picture.")] = 4,
    dark: Annotated[str | None, typer.Option(help="Seconds from-to in which the picture is dark.")] = None,
    frozen: Annotated[str | None, typer.Option(help="Seconds from-to in which the picture stands still.")] = None,
) -> None:
    """Draw a fixed camera's view with people walking, and the true boxes beside it."""
    from ingestion.sources.simulator import render_scene

    drawn = render_scene(
        path,
        seed=seed,
        seconds=seconds,
        fps=fps,
        people=people,
        dark=_span(dark, "--dark"),
        frozen=_span(frozen, "--frozen"),
    )
    print(f"{path}: {drawn.frames} frames, {drawn.boxes} boxes in {drawn.truth}")


def _span(text: str | None, option: str) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        begin, end = (float(part) for part in text.split("-"))
    except ValueError as error:
        raise UserError(f"{text!r} is not a span of seconds", where=option, do="write e.g. 8-12") from error
    return begin, end
