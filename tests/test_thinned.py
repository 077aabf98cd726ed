"""A member of staff behind a slow line hears how much is left out of the pictures."""

from __future__ import annotations

from datetime import timedelta

from proctor.rehearsal.client import SyntheticPublisher, SyntheticViewer
from proctor.rehearsal.link import Conditions, Link
from tests.signalling.examples import undescribed
from tests.support.clock import SteppedClock
from tests.support.house import Server, admit, candidate_page, invigilator_page, plan_exam, reach_lobby


async def test_who_watches_over_a_slow_line_is_told_and_the_recording_goes_on(
    server: Server, clock: SteppedClock
) -> None:
    exam = await plan_exam(server, candidates=1)
    candidate = exam.candidates["001"]
    media = server.house.media
    async with (
        await invigilator_page(server) as invigilator,
        await candidate_page(server, exam, "001") as page,
        Link(("127.0.0.1", media.port), Conditions(), back=Conditions(rate=40_000)) as link,
    ):
        clock.jump_to(exam.starts_at - timedelta(minutes=10))
        await invigilator.join(exam.room)
        await reach_lobby(page, exam.room)
        publisher, viewer = SyntheticPublisher(0), SyntheticViewer()
        await publisher.accept((await page.tell("publish", epoch=page.epoch, sdp=publisher.offer()))["sdp"])
        try:
            publisher.start()
            await admit(invigilator, candidate)
            offered = await invigilator.tell("subscribe", tiles=1)
            answer = viewer.answer(offered["sdp"].replace(f" {media.port} typ", f" {link.port} typ"))
            await invigilator.tell("accept", subscription=offered["subscription"], sdp=answer)
            await viewer.connect()
            await invigilator.tell(
                "show", subscription=offered["subscription"], tiles={"t0": candidate}, focus=candidate
            )
            told = await invigilator.hear("thinned", lambda word: word["level"] in ("stills", "sound"), seconds=30)
            assert told["subscription"] == offered["subscription"]
            assert undescribed(invigilator.heard) == []
            assert server.house.rooms.get(exam.room).vitals()["candidates"][candidate]["recorded"]
        finally:
            await viewer.stop()
            await publisher.stop()
