"""Pictures a second of the camera analysis, with and without the motion gate, and what it finds: `make bench-vision`.

A drawn film is always measured; the real ones where SAFEHOLD_REALDATA is there. Rates are CPU time
on one thread, so that neighbours on the machine do not count. IoU 0.5, figures drawn: 0.4.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from ingestion.sources.replay import DEFAULT_START, place
from ingestion.sources.simulator import render_scene
from ingestion.sources.video import DETECTORS, VideoReplay
from ingestion.vision.evaluation import Score
from ingestion.vision.pictures import open_film
from tests.support.realdata import ROOT
from tests.support.replayed import Replayed, replayed


def main() -> None:
    """Print a line per film and detector."""
    cv2.setNumThreads(1)
    print(f"{'film':<14} {'detector':<8} {'gated/s':>8} {'all/s':>8} {'ratio':>6} {'precision':>9} {'recall':>7}")
    with tempfile.TemporaryDirectory() as folder:
        drawn = render_scene(Path(folder) / "scene.mp4", seconds=40, fps=10, people=4)
        _film("drawn", Path(folder) / "scene.mp4", drawn.truth, 0.4)
    data = Path(os.environ.get("SAFEHOLD_REALDATA", ROOT / "../shared/data"))
    if not data.is_dir():
        print(f"the real films are not here: {data}")
        return
    _film("tud_campus", data / "video/tud_campus/TUD-Campus.mp4", data / "video/tud_campus/gt.txt", 0.5)
    _film("one_by_one", data / "video/intel_one_by_one/one-by-one-person-detection.mp4", None, 0.5)


def _film(name: str, path: Path, truth: Path | None, least_iou: float) -> None:
    for detector in DETECTORS:
        (gated, found), (whole, _) = (_run(path, detector, gate) for gate in (True, False))
        score = "" if truth is None else _score(found, truth, open_film(path).fps, least_iou)
        print(f"{name:<14} {detector:<8} {gated:8.1f} {whole:8.1f} {gated / whole:6.2f} {score}", flush=True)


def _run(path: Path, detector: str, gate: bool) -> tuple[float, Replayed]:
    replay = VideoReplay(open_film(path), place("990104", "cam", DEFAULT_START), detector=detector, gate=gate)
    began = time.process_time()
    found = replayed(replay)
    return replay.counts.pictures / (time.process_time() - began), found


def _score(found: Replayed, truth: Path, fps: float, least_iou: float) -> str:
    drawn = np.loadtxt(truth, delimiter=",")
    start = place("990104", "cam", DEFAULT_START).start_ms
    score = Score(least_iou)
    for event in found.of("video"):
        people = event["detections"]
        boxes = np.array([[d["x"] - d["w"] / 2, d["y"] - d["h"], d["w"], d["h"]] for d in people]).reshape(-1, 4)
        frame = round((event["event_time"] - start) * fps / 1000) + 1
        score.add(drawn[drawn[:, 0] == frame][:, 2:6], boxes)
    return f"{score.precision:9.2f} {score.recall:7.2f}"


if __name__ == "__main__":
    main()
