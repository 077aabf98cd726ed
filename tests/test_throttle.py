"""Wrong tries are throttled where they are made, and nowhere else: fifty candidates sit behind one address."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from proctor.errors import ProctorError
from proctor.rehearsal.page import Page, code
from proctor.sign_in import Throttle
from proctor.token_bucket import Buckets, TokenBucket
from tests.support.house import PASSWORD, Server, plan_exam


async def enter(page: Page, number: str, exam_code: str) -> dict:
    return await page.post("/api/sign-in/candidate", {"number": number, "code": exam_code})


def throttle_of(server: Server) -> list[float]:
    """The throttle's time, which stands still until the test moves it."""
    now = [100.0]
    server.house.sign_in._throttle = Throttle(lambda: now[0])
    return now


async def test_twenty_wrong_codes_at_one_account_are_throttled_and_all_fifty_there_pass(server: Server) -> None:
    exam = await plan_exam(server, candidates=50)
    throttle_of(server)
    async with Page(server.url, "candidate") as guess:
        answers = [await enter(guess, "001", f"AAAA-BBBB-{number:04}") for number in range(20)]
    assert [code(answer) for answer in answers] == ["wrong_credentials"] * 5 + ["too_many_tries"] * 15
    assert {answer["status"] for answer in answers[5:]} == {429}
    assert all(answer["error"]["details"]["seconds"] == 1 for answer in answers[5:])
    async with Page(server.url, "candidate") as neighbour:  # who mistypes beside that is told so, and need not wait
        assert code(await enter(neighbour, "002", "AAAA-BBBB-0000")) == "wrong_credentials"

    async def signs_in(number: str) -> dict:
        async with Page(server.url, "candidate") as page:
            return await enter(page, number, exam.codes[number])

    together = await asyncio.gather(*(signs_in(number) for number in exam.codes))
    assert dict(zip(exam.codes, (answer.get("subject") for answer in together), strict=True)) == exam.candidates


async def test_twenty_wrong_passwords_hold_up_that_account_at_that_address_alone(server: Server) -> None:
    await plan_exam(server)
    seconds = throttle_of(server)
    async with Page(server.url, "invigilator") as guess, Page(server.url, "inspector") as neighbour:
        answers = [code(await guess.sign_in("invigilator", f"wrong password {number}")) for number in range(20)]
        assert answers == ["wrong_credentials"] * 5 + ["too_many_tries"] * 15
        assert code(await guess.sign_in("invigilator", PASSWORD)) == "too_many_tries"
        assert code(await guess.sign_in(" invigilator ", PASSWORD)) == "too_many_tries"  # no other account
        assert code(await neighbour.sign_in("inspector", PASSWORD)) is None  # another account, the same address
        elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))  # the same account, another address
        async with aiohttp.ClientSession(connector=elsewhere) as http:
            credentials = {"role": "invigilator", "name": "invigilator", "password": PASSWORD}
            url = server.url.replace("localhost", "127.0.0.1") + "/api/sign-in/staff"
            async with http.post(url, json=credentials, headers={"Proctor-Role": "invigilator"}) as answer:
                assert answer.status == 200
        seconds[0] += 1.01
        assert code(await guess.sign_in("invigilator", PASSWORD)) is None
        assert code(await guess.sign_in("invigilator", "wrong password")) == "wrong_credentials"  # forgiven: five anew


@pytest.mark.parametrize(
    ("tries", "wait"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (16, 900), (500, 900)]
)
def test_each_wrong_try_after_five_doubles_the_wait_up_to_a_quarter_of_an_hour(tries: int, wait: int) -> None:
    now = 100.0
    throttle = Throttle(lambda: now)
    for _ in range(tries):
        throttle.wrong("001", "10.0.0.1")
    if wait:
        with pytest.raises(ProctorError) as refused:
            throttle.check("001", "10.0.0.1")
        assert refused.value.details["seconds"] == wait
        now += wait - 0.01
        with pytest.raises(ProctorError):
            throttle.check("001", "10.0.0.1")
        now += 0.02
    throttle.check("001", "10.0.0.1")
    throttle.check("001", "10.0.0.2")
    throttle.check("002", "10.0.0.1")


def test_one_who_waits_is_remembered_while_ten_thousand_others_try() -> None:
    throttle = Throttle(lambda: 100.0)
    for _ in range(6):
        throttle.wrong("001", "10.0.0.1")
    for number in range(20_050):
        throttle.wrong(f"x{number}", "10.0.0.1")
    with pytest.raises(ProctorError):
        throttle.check("001", "10.0.0.1")
    assert len(throttle._tries) <= 10_000


def test_a_bucket_gives_what_is_in_it_fills_with_time_and_never_over_its_brim() -> None:
    bucket = TokenBucket(rate=2.0, most=3.0, now=10.0)
    assert [bucket.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(10.4), bucket.take(10.5), bucket.take(10.5)] == [False, True, False]
    assert [bucket.take(1000.0, 3.5), bucket.take(1000.0, 3.0), bucket.take(1000.0, 0.1)] == [False, True, False]


def test_buckets_are_each_ones_own_and_the_longest_silent_is_forgotten_first() -> None:
    buckets = Buckets(rate=0.0, most=1.0, keep=2)
    assert [buckets.take("a", 0.0), buckets.take("b", 0.0)] == [True, True]
    assert buckets.take("a", 0.0) is False  # and was heard after b
    assert buckets.take("c", 0.0) is True  # b makes way
    assert buckets.take("a", 0.0) is False
    assert buckets.take("b", 0.0) is True
