"""Real public recordings through the same landing, where their folder is there."""

from __future__ import annotations

from pathlib import Path

from infra.settings import Settings, UserError

START = "2024-01-01T00:00:00Z"
FACILITIES = {"caviar": "990101", "mot": "990102", "film": "990105"}


def land_real(settings: Settings, folder: Path) -> None:
    """Land a labelled event stream, a track file and a film.

    Raises:
        UserError: the folder is not there.
    """
    from ingestion.landing import land
    from ingestion.sources.caviar import CaviarReplay
    from ingestion.sources.mot import MotReplay
    from ingestion.sources.replay import place
    from ingestion.sources.video import VideoReplay
    from ingestion.vision.pictures import open_film

    if not folder.is_dir():
        raise UserError("the folder of real recordings is absent", where=str(folder), do="set SAFEHOLD_REALDATA")
    tracks = CaviarReplay(folder / "events/caviar/tracks.csv", place(FACILITIES["caviar"], "caviar", START))
    land(settings, "replay-caviar", tracks)
    boxes = MotReplay(folder / "video/tud_campus/gt.txt", place(FACILITIES["mot"], "mot", START), fps=25)
    land(settings, "replay-mot", boxes)
    film = open_film(folder / "video/tud_campus/TUD-Campus.mp4", None)
    land(settings, "replay-video", VideoReplay(film, place(FACILITIES["film"], "campus", START)))
