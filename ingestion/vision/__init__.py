"""From pictures to observations: motion gate, person detector, tracker, zone mapping, camera health."""

import os

# OpenCV and its FFmpeg write about broken pictures to the screen; here those are health events. They
# read this once, when cv2 is first imported.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
