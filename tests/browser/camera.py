"""Files for fake cameras and microphones: a moving portrait, and a steady tone.

The portrait is the one of astronaut Eileen Collins that scikit-image ships, a NASA picture in the public domain.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 15, 4


def portrait(path: Path, *, tint: tuple[float, float, float] = (1.0, 1.0, 1.0), blur: float = 0.0) -> Path:
    """A y4m film in which the portrait sways before a wall of colour; `tint` tells two films apart.
    `blur`: how far out of focus it is, as a radius in pixels."""
    picture = (data.astronaut()[0:340, 60:360] * np.array(tint)).astype("uint8")
    with av.open(str(path), "w", format="yuv4mpegpipe") as container:
        stream = container.add_stream("wrapped_avframe", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FPS * SECONDS):
            canvas = np.full((HEIGHT, WIDTH, 3), [90 * tint[0], 110 * tint[1], 130 * tint[2]], dtype="uint8")
            left = 170 + round(60 * math.sin(2 * math.pi * number / (FPS * SECONDS)))
            canvas[10:350, left : left + 300] = picture
            if blur:
                canvas = cv2.GaussianBlur(canvas, (0, 0), blur)
            frame = av.VideoFrame.from_ndarray(canvas, format="rgb24").reformat(format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def tone(path: Path, hertz: float) -> Path:
    """Two seconds of a tone that joins itself without a click."""
    rate = 48_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (int(12_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(2 * rate))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path
