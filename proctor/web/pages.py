"""The pages and their modules, as files of `webclient/`.

Every answer carries a content security policy: scripts and styles from this server alone, connections, pictures and
recordings also from the address that `join` names for a room. The one inline script of a page is its import map, let
through by its digest.

An address that was mistyped by a slash or a capital leads to the page that was meant; of another one a browser is told
in words, with a way back. Whatever else asks gets the error as JSON, as under `/api/`.

Text goes out compressed, since fifty candidates open the same page in the same minutes, some over a phone. It is
compressed at its first use, outside the event loop, and again when the file changed.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from proctor.errors import ProctorError
from proctor.web.services import SERVICES

PAGES = (
    "index", "candidate", "practice", "phone", "invigilator", "supervisor", "inspector", "tech_support", "office",
    "it_unit", "unit_head",
)  # fmt: skip
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".wasm": "application/wasm",
    ".bcmap": "application/octet-stream",
    ".pfb": "application/octet-stream",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
_TEXT = {".html", ".js", ".mjs", ".css", ".svg", ".json", ".webmanifest", ".txt"}
_NO_SUCH_PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Không có trang này · No such page</title><link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/styles/base.css"></head>
<body><main class="narrow stack loose"><h1>Không có trang này · <span lang="en">No such page</span></h1>
<p>Địa chỉ có thể đã gõ nhầm. <span lang="en">The address may be mistyped.</span></p>
<p><a class="button primary" href="/candidate">Trang thí sinh · <span lang="en">Candidates</span></a>
<a class="button" href="/">Các trang khác · <span lang="en">Other pages</span></a></p></main></body></html>
"""
_IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)


def routes(folder: Path) -> list[web.AbstractRouteDef]:
    """The routes of the pages in `folder`."""

    def page_route(name: str) -> web.AbstractRouteDef:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await _file(request, folder / f"{name}.html")

        return web.get("/" if name == "index" else f"/{name}", handler)

    pages = [page_route(name) for name in PAGES]
    return [*pages, web.get("/ca.crt", _authority), web.get("/{path:(?!api/).+}", _static)]


async def _authority(request: web.Request) -> web.StreamResponse:
    path = request.app[SERVICES].config.authority
    if path is None:
        raise ProctorError("not_found", what="page")
    return web.FileResponse(path, headers={"Content-Type": "application/x-x509-ca-cert"})


async def _static(request: web.Request) -> web.StreamResponse:
    folder, asked = request.app[SERVICES].webclient, request.match_info["path"]
    if (meant := asked.strip("/").lower()) in PAGES and (meant != asked or meant == "index"):
        raise web.HTTPFound(request.rel_url.with_path("/" if meant == "index" else f"/{meant}", keep_query=True))
    try:
        path = (folder / asked).resolve() if "\0" not in asked else folder
        known = path.is_relative_to(folder) and path.is_file() and path.suffix in _TYPES
    except OSError:  # a longer name than a file may have
        known = False
    if not known:
        return _no_such_page(request)
    return await _file(request, path)


def _no_such_page(request: web.Request) -> web.Response:
    """For a person's eyes where a browser opens the address; raises ProctorError `not_found` for all others."""
    if "text/html" not in request.headers.get("Accept", ""):
        raise ProctorError("not_found", what="page")
    policy = _policy(_NO_SUCH_PAGE, request.app[SERVICES].config.public_url)
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
               "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}  # fmt: skip
    return web.Response(text=_NO_SUCH_PAGE, content_type="text/html", status=404, headers=headers)


async def _file(request: web.Request, path: Path) -> web.StreamResponse:
    copy = await asyncio.to_thread(_copy, path, request.app[SERVICES].config.public_url)
    if copy.zipped is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return web.FileResponse(path, headers=copy.headers)
    headers = copy.headers | {"ETag": f'"{copy.tag}"', "Vary": "Accept-Encoding"}
    if any(known.value == copy.tag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=copy.zipped, headers=headers | {"Content-Encoding": "gzip"})


class _Copy(NamedTuple):
    """A file as it goes out; `zipped` is None for what does not shrink."""

    tag: str
    headers: dict[str, str]
    zipped: bytes | None


def _copy(path: Path, rooms_at: str) -> _Copy:
    try:
        status = path.stat()
    except OSError:
        raise ProctorError("not_found", what="page") from None
    return _copy_of(path, f"{status.st_mtime_ns:x}-{status.st_size:x}-gzip", rooms_at)


@lru_cache(maxsize=256)
def _copy_of(path: Path, tag: str, rooms_at: str) -> _Copy:
    """The version of the file that `tag` names; its policy lets a page talk to `rooms_at` too."""
    headers = {"Content-Type": _TYPES[path.suffix], "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if path.suffix == ".html":
        headers |= {
            "Content-Security-Policy": _policy(path.read_text(encoding="utf-8"), rooms_at),
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
            "X-Frame-Options": "DENY",
        }
    zipped = gzip.compress(path.read_bytes(), mtime=0) if path.suffix in _TEXT else None
    return _Copy(tag, headers, zipped)


def _policy(html: str, rooms_at: str) -> str:
    scheme, host, *_ = urlsplit(rooms_at)
    room = f" {scheme}://{host}" if host else ""
    sockets = f" {scheme.replace('http', 'ws', 1)}://{host}" if host else ""
    digests = (
        base64.b64encode(hashlib.sha256(found.encode()).digest()).decode() for found in _IMPORT_MAP.findall(html)
    )
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval' {scripts}",
            "style-src 'self'",
            f"img-src 'self' blob: data:{room}",
            f"media-src 'self' blob:{room}",
            "font-src 'self' data: blob:",
            f"connect-src 'self'{room}{sockets}",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )
