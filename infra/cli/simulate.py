"""`safehold simulate`: registers, live events and scenes from a seed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.settings import UserError

if TYPE_CHECKING:
    from ingestion.sources.simulator import Scenario

Seed = Annotated[int, typer.Option(help="Everything follows from it.")]
Provinces = Annotated[int, typer.Option(help="Provinces.")]
Cities = Annotated[int, typer.Option(help="Cities of a province.")]
Facilities = Annotated[int, typer.Option(help="Facilities of a city.")]
Months = Annotated[int, typer.Option(help="Months of register history, the start's month included.")]
Start = Annotated[str | None, typer.Option(help="Begin of the live part, e.g. 2026-11-23T20:50:00+08:00.")]
LiveFacilities = Annotated[int, typer.Option("--live-facilities", help="Facilities that post live events.")]
Seconds = Annotated[int, typer.Option("--seconds", help="Length of the live part.")]
Detainees = Annotated[int, typer.Option(help="Detainees of a live facility.")]
Fps = Annotated[float, typer.Option(help="Frames a second of every camera.")]
Noise = Annotated[float, typer.Option(help="0 is a clean observation, 1 a noisy one.")]
Incidents = Annotated[str, typer.Option(help="none, each, or a number an hour and facility.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="A life without incidents.")]

simulate = typer.Typer(no_args_is_help=True, help="Simulated registers, live events and camera scenes.")


def add_to(app: typer.Typer) -> None:
    """Add `simulate` with its commands."""
    app.add_typer(simulate, name="simulate")


def _scenario(start: str | None, incidents: str, **sizes: Any) -> Scenario:
    from ingestion.sources.simulator import Scenario

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
    return Scenario(incidents=rate, **sizes)


@simulate.command("registers")
def registers_command(
    seed: Seed = 7,
    provinces: Provinces = 2,
    cities_per_province: Cities = 2,
    facilities_per_city: Facilities = 2,
    months: Months = 24,
    start: Start = None,
    live_facilities: LiveFacilities = 2,
    detainees: Detainees = 60,
) -> None:
    """Write years of register history into the lake; a second time it changes nothing."""
    from infra.settings import load_settings
    from ingestion.sources.simulator import write_registers

    scenario = _scenario(
        start,
        "each",
        seed=seed,
        provinces=provinces,
        cities_per_province=cities_per_province,
        facilities_per_city=facilities_per_city,
        months=months,
        live_facilities=live_facilities,
        detainees=detainees,
    )
    for table, rows in write_registers(load_settings(), scenario).items():
        print(f"register.{table}: {rows} rows added")


@simulate.command("live")
def live_command(
    seed: Seed = 7,
    provinces: Provinces = 2,
    cities_per_province: Cities = 2,
    facilities_per_city: Facilities = 2,
    start: Start = None,
    live_facilities: LiveFacilities = 2,
    seconds: Seconds = 3600,
    detainees: Detainees = 60,
    fps: Fps = 2.0,
    noise: Noise = 0.0,
    incidents: Incidents = "each",
    quiet: Quiet = False,
    corrupt: Annotated[int, typer.Option(help="Bad records of every kind to add.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the events to this file instead of the broker.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write what the rules should find to this file.")] = None,
) -> None:
    """Post the live events of the live facilities, and say what the rules should find in them."""
    from ingestion.sources import simulator

    scenario = _scenario(
        start,
        incidents,
        seed=seed,
        provinces=provinces,
        cities_per_province=cities_per_province,
        facilities_per_city=facilities_per_city,
        live_facilities=live_facilities,
        live_seconds=seconds,
        detainees=detainees,
        fps=fps,
        noise=noise,
        quiet=quiet,
    )
    if truth is not None:
        simulator.write_truth(truth, scenario)
    records = simulator.corrupt(simulator.live(scenario), seed, each=corrupt)
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
    seed: Seed = 7,
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
