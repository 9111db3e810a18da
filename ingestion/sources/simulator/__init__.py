"""The simulator: a country of facilities, their registers over years, and live hours with ground truth.

Everything follows from a :class:`Scenario` and its seed. ``live`` gives the events of the live
facilities, ``truth`` what the rules should find in them, ``registers`` the history behind them,
``Noise`` says how badly they are observed, ``corrupt`` adds bad records, ``render_scene`` draws a
camera's view.
"""

from ingestion.sources.simulator.corrupt import Corrupted, Injected, corrupt
from ingestion.sources.simulator.files import write_records, write_truth
from ingestion.sources.simulator.live import live, truth
from ingestion.sources.simulator.noise import Noise
from ingestion.sources.simulator.observe import Observed
from ingestion.sources.simulator.registers import registers, write_registers
from ingestion.sources.simulator.scenario import Scenario
from ingestion.sources.simulator.scene import Drawn, render_scene
from ingestion.sources.simulator.stage import Truth

__all__ = [
    "Corrupted",
    "Drawn",
    "Injected",
    "Noise",
    "Observed",
    "Scenario",
    "Truth",
    "corrupt",
    "live",
    "registers",
    "render_scene",
    "truth",
    "write_records",
    "write_registers",
    "write_truth",
]
