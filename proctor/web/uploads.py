"""Files of the work by the tus 1.0 protocol (https://tus.io/protocols/resumable-upload): core, creation, termination,
checksum."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator

from aiohttp import web

from proctor.errors import ProctorError
from proctor.exam.decisions.files import MAX_FILE_BYTES
from proctor.exam.decisions.phones import Sender, name_of
from proctor.exam.permissions import Role
from proctor.web.edge import asker
from proctor.web.room import device_digest
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_OWN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
_TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}


@routes.options("/api/rooms/{room}/files")
async def discover(request: web.Request) -> web.Response:
    return web.Response(
        status=204,
        headers={
            **_TUS,
            "Tus-Version": "1.0.0",
            "Tus-Max-Size": str(MAX_FILE_BYTES),
            "Tus-Extension": "creation,termination,checksum",
            "Tus-Checksum-Algorithm": "sha256",
        },
    )


@routes.post("/api/rooms/{room}/files")
async def create(request: web.Request) -> web.Response:
    sender = await _sender(request)
    room = request.match_info["room"]
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    upload, taken_as = await request.app[SERVICES].uploads.create(
        room, sender, metadata.get("filename", "file"),
        metadata.get("filetype", "application/octet-stream"), _number(request, "Upload-Length"),
        metadata.get("awaited", ""),
    )  # fmt: skip
    where = {"Location": f"/api/rooms/{room}/files/{upload.file}", "Upload-Taken-As": taken_as}
    return web.Response(status=201, headers={**_TUS, **where})


@routes.head("/api/rooms/{room}/files/{file}")
async def offset(request: web.Request) -> web.Response:
    sender = await _sender(request)
    upload, received = await request.app[SERVICES].uploads.offset(
        request.match_info["room"], sender, request.match_info["file"]
    )
    headers = {**_TUS, "Upload-Offset": str(received), "Upload-Length": str(upload.length)}
    return web.Response(status=200, headers=headers)


@routes.patch("/api/rooms/{room}/files/{file}")
async def append(request: web.Request) -> web.Response:
    sender = await _sender(request)
    if request.content_type != "application/offset+octet-stream":
        raise ProctorError("bad_request", field="Content-Type")
    received, sha256 = await request.app[SERVICES].uploads.append(
        request.match_info["room"], sender, request.match_info["file"],
        _number(request, "Upload-Offset"), _body(request), _checksum(request),
    )  # fmt: skip
    headers = {**_TUS, "Upload-Offset": str(received)}
    if sha256:
        headers["Upload-Sha256"] = sha256
    return web.Response(status=204, headers=headers)


@routes.delete("/api/rooms/{room}/files/{file}")
async def remove(request: web.Request) -> web.Response:
    sender = await _sender(request)
    await request.app[SERVICES].uploads.remove(request.match_info["room"], sender, request.match_info["file"])
    return web.Response(status=204, headers=_TUS)


@routes.get("/api/rooms/{room}/files/{file}/content", allow_head=False)
async def content(request: web.Request) -> web.StreamResponse:
    who = await asker(request, "read_file")
    upload, pieces = await request.app[SERVICES].uploads.content(
        request.match_info["room"], who.subject, device_digest(request), request.match_info["file"]
    )
    response = web.StreamResponse(headers={**_OWN, "Content-Type": "application/octet-stream"})
    response.content_length = upload.length
    await response.prepare(request)
    while piece := await asyncio.to_thread(next, pieces, b""):
        await response.write(piece)
    return response


@routes.get("/api/rooms/{room}/files/{file}/preview", allow_head=False)
async def preview(request: web.Request) -> web.Response:
    who = await asker(request, "read_file")
    picture = await request.app[SERVICES].uploads.preview(
        request.match_info["room"], who.subject, device_digest(request), request.match_info["file"]
    )
    return web.Response(body=picture, content_type="image/jpeg", headers=_OWN)


async def _sender(request: web.Request) -> Sender:
    """Who sends. A telephone's permission is asked of the room each time. Raises ProctorError `phone_revoked`."""
    who = await asker(request, "upload_file")
    if who.role is not Role.PHONE:
        return Sender(who.subject, device_digest(request))
    phone = name_of(who.session)
    device = await request.app[SERVICES].phones.device_of(request.match_info["room"], who.subject, phone)
    return Sender(who.subject, device, phone)


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_any():
        yield piece


def _number(request: web.Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise ProctorError("bad_request", field=header)
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    found = {}
    for pair in header[:4_000].split(","):
        key, _, encoded = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ProctorError("bad_request", field="Upload-Metadata") from None
    return found


def _checksum(request: web.Request) -> bytes | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ProctorError("bad_request", field="Upload-Checksum") from None
    if algorithm != "sha256":
        raise ProctorError("bad_request", field="Upload-Checksum")
    return digest
