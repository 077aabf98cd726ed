"""Sound and picture of a real Chromium stand together in the recording: a beep and a clock drawn in the picture.

The picture shows how much of the second is over, as a bar across it. A flash would be seen in the next picture only,
up to 67 ms later at 15 a second, by an amount that stays the same for a whole run: that would measure the pace of the
pictures, not how well they stand beside the sound.
"""

from __future__ import annotations

import asyncio
import statistics
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from tests.browser.chromium import new_page, shared_chromium, until
from tests.browser.entering import open_in_the_lobby
from tests.support.clock import MORNING, SteppedClock
from tests.support.house import CHECKS, invigilator_page, plan_exam, running

pytestmark = pytest.mark.browser

SECONDS = 8
PICTURES = 15  # a second, as the pages send them
BOUND_MS = 80

# A camera and a microphone: each second a beep of 300 ms, while a white bar grows from left to right.
CLAPPER = """
const context = new AudioContext();
const canvas = document.createElement('canvas');
canvas.width = 640; canvas.height = 360;
const ink = canvas.getContext('2d');
const beeper = new OscillatorNode(context, { frequency: 1000 });
const gate = new GainNode(context, { gain: 0 });
const microphone = context.createMediaStreamDestination();
beeper.connect(gate).connect(microphone);
beeper.start();
const camera = canvas.captureStream(30);
let next = 1;
setInterval(() => {
  while (next < context.currentTime + 0.5) {          // sound is scheduled ahead, on the sound card's own clock
    gate.gain.setValueAtTime(0.5, next);
    gate.gain.setValueAtTime(0, next + 0.3);
    next += 1;
  }
  ink.fillStyle = '#000';
  ink.fillRect(0, 0, 640, 360);
  ink.fillStyle = '#fff';
  ink.fillRect(0, 0, 640 * (context.currentTime % 1), 360);
  for (let i = 0; i < 40; i++) {                       // a still picture would not be sent
    ink.fillStyle = `rgb(${Math.random() * 60},90,120)`;
    ink.fillRect(Math.random() * 640, Math.random() * 40, 6, 6);
  }
}, 10);
navigator.mediaDevices.getUserMedia = async () => {
  await context.resume();
  return new MediaStream([...camera.getVideoTracks(), ...microphone.stream.getAudioTracks()].map((t) => t.clone()));
};
"""


async def test_bar_and_beep_are_recorded_together(tmp_path: Path) -> None:
    clock = SteppedClock(MORNING, flowing=True)
    async with (
        running(tmp_path, clock) as server,
        shared_chromium() as browser,
    ):
        exam = await plan_exam(server)
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        async with await invigilator_page(server) as invigilator:
            await invigilator.join(exam.room)
            page = await new_page(browser, [])
            await page.add_init_script(CLAPPER)
            await open_in_the_lobby(page, server, exam, "001")
            await invigilator.hear("sitting", lambda sitting: sitting["state"] == "waiting")
            candidate = exam.candidates["001"]
            live, recording = server.house.rooms.get(exam.room), server.house.recording
            # Wait for the large layer, which takes seconds to start, then record afresh.
            async with asyncio.timeout(30):
                while live.media.connections.health().get(candidate, {"kbps": {}})["kbps"].get("h", 0) < 20:
                    await asyncio.sleep(0.2)
            await invigilator.tell("admit", candidates=[candidate], checks=CHECKS)
            await until(page, "document.querySelector('[data-testid=media-state]')?.dataset.state === 'sending'")
            await asyncio.sleep(SECONDS)  # the recording has to contain that much
            await recording.finish(exam.room, candidate)
            async with asyncio.timeout(10):
                while not live.segments(candidate):
                    await asyncio.sleep(0.05)
        offsets = []
        for segment in live.segments(candidate):
            path = tmp_path / f"{segment['segment']}.webm"
            with path.open("wb") as file:
                async for piece in recording.open_range(exam.room, candidate, segment["segment"]):
                    file.write(piece)
            offsets += await asyncio.to_thread(skews, path)
    print(f"\nsound after picture: median {statistics.median(offsets):.0f} ms of {len(offsets)}, "
          f"from {min(offsets):.0f} to {max(offsets):.0f}")  # fmt: skip
    assert len(offsets) > SECONDS * PICTURES // 4  # a busy machine sends fewer, and not those of the first second
    assert abs(statistics.median(offsets)) < BOUND_MS


def skews(path: Path) -> list[float]:
    """Milliseconds from the beginning of a second, as each picture tells it, to the nearest beep."""
    with av.open(str(path)) as container:
        seconds = []
        for frame in container.decode(video=0):
            rows = frame.to_ndarray(format="gray8")
            over = float((rows[len(rows) // 3 :].mean(axis=0) > 128).mean())
            if 0.1 < over < 0.9:  # at the turn of the second the bar is too short to be told from noise, or goes
                seconds.append(frame.time - over)
    with av.open(str(path)) as container:
        loud, beeps = False, []
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype("float64")).max(axis=0)
            if frame.format.name.startswith("s16"):
                samples = samples / 32768
            for start in range(0, len(samples), 240):
                now_loud = samples[start : start + 240].max() > 0.05
                if now_loud and not loud:
                    beeps.append(frame.time + start / frame.sample_rate)
                loud = now_loud
    heard = [second for second in seconds if beeps and second > beeps[0] - 0.5]  # not what began before the recording
    return [1000 * min((beep - second for beep in beeps), key=abs) for second in heard]
