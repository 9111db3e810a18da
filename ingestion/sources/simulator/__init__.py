"""The simulator: a country of facilities, their registers over years, and live hours with ground truth.

Everything follows from a :class:`Scenario` and its seed. ``live`` gives the events of the live
facilities, ``truth`` what the rules should find in them, ``registers`` the history behind them,
``corrupt`` spoils a stream the way the outside world does, ``render_scene`` draws a camera's view.
"""

from ingestion.sources.simulator.live import live, truth
from ingestion.sources.simulator.registers import registers, write_registers
from ingestion.sources.simulator.scenario import Scenario
from ingestion.sources.simulator.stage import Truth

__all__ = ["Scenario", "Truth", "live", "registers", "truth", "write_registers"]
