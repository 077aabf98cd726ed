"""The pages and their modules, as files of `webclient/`.

Every answer carries a content security policy: scripts and styles from this server alone, connections, pictures and
recordings also from the address that `join` names for a room. The one inline script of a page is its import map, let
through by its digest.

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
    folder = request.app[SERVICES].webclient
    if "\0" in request.match_info["path"]:
        raise ProctorError("not_found", what="page")
    try:
        path = (folder / request.match_info["path"]).resolve()
        known = path.is_relative_to(folder) and path.is_file() and path.suffix in _TYPES
    except OSError:  # a longer name than a file may have
        known = False
    if not known:
        raise ProctorError("not_found", what="page")
    return await _file(request, path)


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
