"""Replaying files through the landing: track files and video become observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from ingestion.landing.withheld import Withheld
    from ingestion.sources.record import Record

START = "2024-01-01T00:00:00Z"

# Each kind of file has its own facility unless one is given: replays of the same facility would
# have to follow each other in event time.
CameraOption = Annotated[str, typer.Option(help="Id of the camera, the device of the frames.")]
StartOption = Annotated[str, typer.Option(help="Event time of the file's beginning.")]
OutOption = Annotated[
    Path | None, typer.Option(help="Write the records as JSON lines into this file instead of posting them.")
]
PathArgument = Annotated[Path, typer.Argument(help="The file.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Replay a file of tracks or a video as live observations.")
    group.command()(caviar)
    group.command()(mot)
    group.command()(eth)
    group.command()(video)
    group.command()(wristband)
    app.add_typer(group, name="replay")


class HasLines(Protocol):
    """Counts that can be shown."""

    def lines(self) -> list[str]: ...


class Replay(Protocol):
    """A source of a file: records, and afterwards their counts."""

    @property
    def counts(self) -> HasLines: ...

    def __iter__(self) -> Iterator[Record | Withheld]: ...


def caviar(
    tracks: Annotated[Path, typer.Option(help="CSV with the columns t (ms), id, x, y (px), movement.")],
    facility: Annotated[str, typer.Option(help="Facility that the events happen in.")] = "990101",
    camera: CameraOption = "caviar",
    start: StartOption = START,
    out: OutOption = None,
) -> None:
    """Replay CAVIAR track points (25 frames a second, 0.05 m per pixel, rule profile `caviar`)."""
    from ingestion.sources.caviar import CaviarReplay
    from ingestion.sources.replay import place

    _deliver("replay-caviar", CaviarReplay(tracks, place(facility, camera, start)), out)


def mot(
    file: PathArgument,
    fps: Annotated[float, typer.Option(help="Frames a second of the film.")],
    facility: Annotated[str, typer.Option(help="Facility that the events happen in.")] = "990102",
    camera: CameraOption = "mot",
    scale: Annotated[
        float | None, typer.Option(help="Metres per pixel; by default boxes are taken to be 1.7 m tall on average.")
    ] = None,
    start: StartOption = START,
    out: OutOption = None,
) -> None:
    """Replay a MOT challenge file: ground truth or results; detections without ids go through the tracker."""
    from ingestion.sources.mot import MotReplay
    from ingestion.sources.replay import place

    _deliver("replay-mot", MotReplay(file, place(facility, camera, start), fps=fps, scale=scale), out)


def eth(
    file: PathArgument,
    fps: Annotated[
        float | None, typer.Option(help="Frames a second that the file counts; by default its smallest step is 0.4 s.")
    ] = None,
    facility: Annotated[str, typer.Option(help="Facility that the events happen in.")] = "990103",
    camera: CameraOption = "eth",
    start: StartOption = START,
    out: OutOption = None,
) -> None:
    """Replay an `obsmat` of the ETH walking pedestrians (positions in metres)."""
    from ingestion.sources.eth import EthReplay
    from ingestion.sources.replay import place

    _deliver("replay-eth", EthReplay(file, place(facility, camera, start), fps=fps), out)


def video(
    path: Annotated[Path, typer.Argument(help="A video file, or a folder of images.")],
    camera: Annotated[str, typer.Option(help="Id of the camera: the plan's, where one is given.")],
    plan: Annotated[Path | None, typer.Option(help="JSON of the site plan; by default one open zone.")] = None,
    fps: Annotated[
        float | None, typer.Option(help="Pictures a second; needed for images, by default the file's own for a video.")
    ] = None,
    every: Annotated[int, typer.Option(help="Take only every n-th picture.")] = 1,
    detector: Annotated[str, typer.Option(help="fused, hog or blob.")] = "fused",
    gate: Annotated[bool, typer.Option(help="Spare the detector where nothing moves.")] = True,
    facility: Annotated[
        str | None, typer.Option(help="Facility that the events happen in; the plan's, where one is given.")
    ] = None,
    start: StartOption = START,
    out: OutOption = None,
) -> None:
    """Replay a film through the camera analysis: motion gate, people detector, tracker, zones, camera health."""
    from infra.settings import UserError
    from ingestion.sources.replay import check_rate, place
    from ingestion.sources.video import VideoReplay, read_plan
    from ingestion.vision.pictures import open_film

    site = read_plan(plan) if plan is not None else None
    if site is not None and facility not in (None, site.facility):
        raise UserError(
            f"the plan is of facility {site.facility}, not {facility}", where=str(plan), do="leave --facility out"
        )
    where = place(site.facility if site is not None else facility or "990104", camera, start)
    if fps is not None:
        check_rate(fps)
    film = open_film(path, fps)
    _deliver("replay-video", VideoReplay(film, where, plan=site, detector=detector, every=every, gate=gate), out)


def wristband(
    files: Annotated[list[Path], typer.Argument(help="MATLAB files of HIFD, one wearer each; named by their paths.")],
    facility: Annotated[str, typer.Option(help="Facility that the events happen in.")] = "990106",
    after: Annotated[int, typer.Option(min=0, help="Seconds without any reading after the longest one.")] = 20,
    start: StartOption = START,
    out: OutOption = None,
) -> None:
    """Replay raw movement of wristbands (HIFD) as a band's messages: fall, moving, still."""
    from ingestion.sources.replay import place
    from ingestion.sources.wristband import WristReplay, read_recording

    recordings = {f"{path.parent.parent.name}-{path.stem}": read_recording(path) for path in files}
    _deliver("replay-wristband", WristReplay(recordings, place(facility, "band", start), after_s=after), out)


def _deliver(source: str, replay: Replay, out: Path | None) -> None:
    """Post the records, or write them to a file, and say what became of the rows."""
    if out is not None:
        typer.echo(f"records written      {_write(replay, out)} to {out}")
    else:
        from infra.settings import load_settings
        from ingestion.landing import land

        report = land(load_settings(), source, replay)
        typer.echo(f"source               {source}")
        typer.echo(
            f"records              {report.offered} offered = {report.landed} landed + "
            f"{report.quarantined} quarantined + {report.spooled} waiting in the spool"
        )
    for line in replay.counts.lines():
        typer.echo(line)


def _write(records: Iterable[Record | Withheld], out: Path) -> int:
    """Write records as JSON lines; lines that are withheld have no place there and are only counted."""
    from infra.settings import UserError
    from ingestion.sources.record import Record

    written = 0
    try:
        with out.open("wb") as file:
            for item in records:
                if isinstance(item, Record):
                    file.write(item.value + b"\n")
                    written += 1
    except OSError as fault:
        raise UserError(f"cannot write the file: {fault.strerror}", where=str(out), do="check --out") from fault
    return written
