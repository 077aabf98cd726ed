"""Files of the work by the tus 1.0 protocol (https://tus.io/protocols/resumable-upload): core, creation, termination,
checksum."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from proctor.errors import ProctorError
from proctor.exam.decisions.files import MAX_FILE_BYTES
from proctor.exam.decisions.phones import Sender, name_of
from proctor.exam.permissions import Role
from proctor.web.edge import Handler, asker
from proctor.web.room import device_digest
from proctor.web.services import SERVICES

routes = web.RouteTableDef()
_VERSION = "1.0.0"
_CHECKSUMS = ("sha1", "sha256")  # tus asks for SHA-1
_OWN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
_TUS = {"Tus-Resumable": _VERSION, "Cache-Control": "no-store"}
_RESOURCES = {"/api/rooms/{room}/files", "/api/rooms/{room}/files/{file}"}


@web.middleware
async def speak_tus(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer of these resources tells the version that it is in, a refusal too."""
    response = await handler(request)
    resource = request.match_info.route.resource
    if resource is not None and resource.canonical in _RESOURCES:
        response.headers.update(_TUS)
        if response.status == web.HTTPPreconditionFailed.status_code:
            response.headers["Tus-Version"] = _VERSION
    return response


@routes.options("/api/rooms/{room}/files")
async def discover(request: web.Request) -> web.Response:
    return web.Response(
        status=204,
        headers={
            "Tus-Version": _VERSION,
            "Tus-Max-Size": str(MAX_FILE_BYTES),
            "Tus-Extension": "creation,termination,checksum",
            "Tus-Checksum-Algorithm": ",".join(_CHECKSUMS),
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
    return web.Response(status=201, headers=where)


@routes.head("/api/rooms/{room}/files/{file}")
async def offset(request: web.Request) -> web.Response:
    sender = await _sender(request)
    upload, received, sha256, refused = await request.app[SERVICES].uploads.offset(
        request.match_info["room"], sender, request.match_info["file"]
    )
    headers = {"Upload-Offset": str(received), "Upload-Length": str(upload.length)}
    if sha256:
        headers["Upload-Sha256"] = sha256
    if refused:
        headers["Upload-Refused"] = refused
    return web.Response(status=200, headers=headers)


@routes.patch("/api/rooms/{room}/files/{file}")
async def append(request: web.Request) -> web.Response:
    sender = await _sender(request)
    if request.content_type != "application/offset+octet-stream":
        raise ProctorError("wrong_content_type", type="application/offset+octet-stream")
    received, sha256 = await request.app[SERVICES].uploads.append(
        request.match_info["room"], sender, request.match_info["file"],
        _number(request, "Upload-Offset"), _body(request), _checksum(request),
    )  # fmt: skip
    headers = {"Upload-Offset": str(received)}
    if sha256:
        headers["Upload-Sha256"] = sha256
    return web.Response(status=204, headers=headers)


@routes.delete("/api/rooms/{room}/files/{file}")
async def remove(request: web.Request) -> web.Response:
    sender = await _sender(request)
    await request.app[SERVICES].uploads.remove(request.match_info["room"], sender, request.match_info["file"])
    return web.Response(status=204)


_METHODS: Mapping[str, Handler] = {"HEAD": offset, "PATCH": append, "DELETE": remove}


@routes.post("/api/rooms/{room}/files/{file}")
async def overridden(request: web.Request) -> web.StreamResponse:
    """For those behind a proxy that lets only GET and POST through: `X-HTTP-Method-Override` names the method."""
    meant = _METHODS.get(request.headers.get("X-HTTP-Method-Override", ""))
    if meant is None:
        return web.Response(status=405, headers={"Allow": ", ".join(_METHODS)})
    return await meant(request)


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
    """Who sends, in the version of tus that is spoken here.

    A telephone's permission is asked of the room each time. Raises ProctorError `tus_version`, `phone_revoked`.
    """
    who = await asker(request, "upload_file")
    if request.headers.get("Tus-Resumable") != _VERSION:
        raise ProctorError("tus_version", version=_VERSION)
    if who.role is not Role.PHONE:
        return Sender(who.subject, device_digest(request), client_time=who.client_time)
    phone = name_of(who.session)
    device = await request.app[SERVICES].phones.device_of(request.match_info["room"], who.subject, phone)
    return Sender(who.subject, device, phone, who.client_time)


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


def _checksum(request: web.Request) -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ProctorError("bad_request", field="Upload-Checksum") from None
    if algorithm not in _CHECKSUMS:
        raise ProctorError("bad_request", field="Upload-Checksum")
    return algorithm, digest
