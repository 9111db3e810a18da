"""Signal processing of a wristband: from raw movement to what its messages say (`fall`, `moving`, `still`).

Real bands do this themselves; here it stands for the band's own, so that recordings of raw movement can be replayed.
"""

from ingestion.sources.wristband.fall import LIMITS, Blow, Limits, blows, fall_times
from ingestion.sources.wristband.recording import Recording, read_recording
from ingestion.sources.wristband.replay import WristReplay

__all__ = ["LIMITS", "Blow", "Limits", "Recording", "WristReplay", "blows", "fall_times", "read_recording"]
