"""The pages' files as a browser fetches them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import aiohttp
import pytest

from tests.support.clock import MORNING, SteppedClock
from tests.support.house import Server, running

WEBCLIENT = Path(__file__).parents[2] / "webclient"
SCRIPT = "/lib/answers.js"


async def fetch(server: Server, path: str, **headers: str) -> tuple[int, aiohttp.typedefs.LooseHeaders, bytes]:
    async with (
        aiohttp.ClientSession(auto_decompress=True) as http,
        http.get(server.url + path, headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_text_goes_out_compressed_and_arrives_as_it_is_on_disk(server: Server) -> None:
    for path in ("/candidate", SCRIPT, "/styles/base.css", "/vendor/pdfjs/pdf.worker.min.mjs"):
        status, headers, body = await fetch(server, path, **{"Accept-Encoding": "gzip"})
        assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, "gzip", "Accept-Encoding")
        file = WEBCLIENT / (path[1:] if "." in path else f"{path[1:]}.html")
        assert body == file.read_bytes()
        assert int(headers["Content-Length"]) < len(body) * 0.6


async def test_who_does_not_ask_for_gzip_gets_the_file_itself(server: Server) -> None:
    status, headers, body = await fetch(server, SCRIPT, **{"Accept-Encoding": "identity"})
    assert (status, headers.get("Content-Encoding")) == (200, None)
    assert body == (WEBCLIENT / SCRIPT[1:]).read_bytes()


async def test_a_page_may_talk_to_the_address_where_rooms_are(tmp_path: Path) -> None:
    for public_url, rooms in (("", ""), ("https://thi.example.vn/", " https://thi.example.vn wss://thi.example.vn")):
        async with running(tmp_path, SteppedClock(MORNING), public_url=public_url) as server:
            _, headers, _ = await fetch(server, "/candidate")
            assert f"; connect-src 'self'{rooms}; " in headers["Content-Security-Policy"]
            assert ("img-src 'self' blob: data: https://thi" in headers["Content-Security-Policy"]) is bool(rooms)


async def test_a_kept_copy_is_confirmed_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "webclient"
    shutil.copytree(WEBCLIENT, folder)
    monkeypatch.setattr("proctor.app.WEBCLIENT", folder)
    async with running(tmp_path, SteppedClock(MORNING)) as server:
        gzip = {"Accept-Encoding": "gzip"}
        _, headers, _ = await fetch(server, SCRIPT, **gzip)
        status, again, body = await fetch(server, SCRIPT, **gzip, **{"If-None-Match": headers["ETag"]})
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
        (folder / SCRIPT[1:]).write_text("export {};")
        os.utime(folder / SCRIPT[1:], (0, 0))
        status, new, body = await fetch(server, SCRIPT, **gzip, **{"If-None-Match": headers["ETag"]})
        assert (status, body) == (200, b"export {};")
        assert new["ETag"] != headers["ETag"]
        page, headers, _ = await fetch(server, "/candidate", **gzip)
        confirmed, kept, _ = await fetch(server, "/candidate", **gzip, **{"If-None-Match": headers["ETag"]})
        assert (page, confirmed) == (200, 304)
        assert kept["Content-Security-Policy"] == headers["Content-Security-Policy"]


async def test_a_mistyped_address_leads_to_the_page_or_tells_the_way_back(server: Server) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with aiohttp.ClientSession() as http:
        for asked, meant in (("/candidate/", "/candidate"), ("/Candidate", "/candidate"), ("/index", "/"),
                             ("/OFFICE/?x=1", "/office?x=1")):  # fmt: skip
            async with http.get(server.url + asked, headers=browser, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (302, meant)
        for asked in ("/nothing-here", "/pages/", "/candidate/x", "/%00", "/..%2fpyproject.toml"):
            async with http.get(server.url + asked, headers=browser) as answer:
                said = await answer.text()
                assert (answer.status, answer.content_type) == (404, "text/html"), asked
                assert 'href="/candidate"' in said and "Không có trang này" in said and "No such page" in said
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            async with http.get(server.url + asked) as answer:  # by a program
                assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
        async with http.get(f"{server.url}/api/nothing", headers=browser) as answer:
            assert answer.content_type != "text/html"
