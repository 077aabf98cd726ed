"""The edge of every request: who asks and whether they may, refusals to JSON, security headers.

A browser may hold one session per role, each in its own cookie; a request names the role it speaks for. A page
names the person it shows too: whoever signs in at the next tab takes the cookie over, and nobody's work may go on
in that name. Requests that change something must come from the server's own origin (the cookies are SameSite=Strict
besides).
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import web

from proctor.errors import ProctorError, describe, malformed, status
from proctor.exam.permissions import Role, allowed
from proctor.regulation.refusal import Refusal
from proctor.text import all_visible
from proctor.web.services import SERVICES

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROLE_HEADER = "Proctor-Role"
SUBJECT_HEADER = "Proctor-Subject"
CLOCK_HEADER = "Proctor-Client-Time"
DEVICE_COOKIE = "proctor_device"
_MAX_JSON_BYTES = 256_000
_MAX_CLIENT_TIME = 40  # characters, as in messages over sockets
_PLANNING = {Role.TRAINING_OFFICE, Role.IT_UNIT, Role.UNIT_HEAD}
_CLIENT_CLOSED_REQUEST = 499  # as nginx counts it; never sent
_DEVICE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True)
class Asker:
    """Who asks, in which role, and the session that says so. `client_time` as for `client_time()`."""

    role: Role
    subject: str
    session: str
    session_ends_at: datetime
    client_time: str = ""


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Map refusals and faults to JSON, in this one place."""
    try:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _check_origin(request)
        response = await handler(request)
        if request.method in ("POST", "PUT", "DELETE") and request.headers.get(ROLE_HEADER) in _PLANNING:
            request.app[SERVICES].changes.tell()  # what is on no room's log; rooms tell of their own
        return response
    except Refusal as refusal:
        return _refused(refusal)
    except web.HTTPNotFound:
        return _refused(ProctorError("not_found", what="page"))
    except web.HTTPMethodNotAllowed as refused:
        return _refused(ProctorError("method_not_allowed"), Allow=refused.headers["Allow"])
    except web.HTTPException:
        raise
    except web.RequestPayloadError:  # not what its headers say that it is
        return _refused(ProctorError("bad_request", field="message"))
    except Exception as error:
        if isinstance(error, ConnectionResetError) and is_gone(request):
            return web.Response(status=_CLIENT_CLOSED_REQUEST)
        log.exception("request failed", path=request.path)
        return _refused(ProctorError("internal"))


def _refused(refusal: Refusal, **headers: str) -> web.Response:
    return web.json_response({"error": describe(refusal)}, status=status(refusal), headers=headers)


def address_of(request: web.BaseRequest) -> str:
    """Where a request comes from, as tries and places are counted by: the address, of IPv6 its first 64 bits, since a
    household or a telephone has all the addresses behind them to itself (RFC 6177)."""
    try:
        address = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return request.remote or ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def is_gone(request: web.Request) -> bool:
    """Whether nobody waits for the answer any more."""
    return request.transport is None or request.transport.is_closing()


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ProctorError("wrong_origin")


async def asker(request: web.Request, action: str) -> Asker:
    """Who asks, if they are signed in and their role may do `action`: the one gate of all routes.

    Raises ProctorError `not_signed_in`, `forbidden`.
    """
    found = await signed_in(request)
    if not allowed(found.role, action):
        raise ProctorError("forbidden")
    return found


def language_of(request: web.Request) -> Literal["vi", "en"]:
    """The language of the page that asks, Vietnamese where it does not say. Raises ProctorError `bad_request`."""
    match request.query.get("lang", "vi"):
        case "vi":
            return "vi"
        case "en":
            return "en"
    raise ProctorError("bad_request", field="lang")


async def signed_in(request: web.Request) -> Asker:
    """Who asks. Raises ProctorError `not_signed_in`, `open_from_page`."""
    if ROLE_HEADER not in request.headers and request.headers.get("Sec-Fetch-Site") == "none":
        # A link that was typed, or taken from the browser's list: a page would have sent the sign-out first that waits
        # for a network (webclient/lib/sign_out.js).
        raise ProctorError("open_from_page")
    named = request.headers.get(ROLE_HEADER) or request.query.get("role", "")
    secret = request.cookies.get(cookie_name(named)) if named in set(Role) else None
    session = None
    if secret:
        services = request.app[SERVICES]
        session = await services.people.session(secret, services.clock.now())
    shown = request.headers.get(SUBJECT_HEADER) or request.query.get("subject", "")
    if session is None or session.role != named or shown not in ("", session.subject):
        raise ProctorError("not_signed_in")
    return Asker(Role(session.role), session.subject, session.session, session.ends_at, client_time(request))


def client_time(request: web.Request) -> str:
    """What the clock of the page's own computer showed, as far as the page told; kept beside the server's time, it
    decides nothing. Raises ProctorError `bad_request`."""
    told = request.headers.get(CLOCK_HEADER, "")
    if len(told) > _MAX_CLIENT_TIME or not told.isascii():
        raise ProctorError("bad_request", field=CLOCK_HEADER)
    return told


def cookie_name(role: str) -> str:
    return f"proctor_{role}"


def set_cookie(request: web.Request, response: web.Response, name: str, value: str, max_age: int) -> None:
    """A cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        name, value, max_age=max_age, httponly=True, samesite="Strict", secure=request.secure, path="/"
    )


def device(request: web.Request) -> str:
    """The secret that marks this browser; empty when it has none yet."""
    return request.cookies.get(DEVICE_COOKIE, "")


def ensure_device(request: web.Request, response: web.Response) -> None:
    """Mark the browser."""
    if not device(request):
        set_cookie(request, response, DEVICE_COOKIE, secrets.token_urlsafe(24), _DEVICE_SECONDS)


async def body_as(request: web.Request, kind: type[Any]) -> Any:
    """The JSON body as `kind`, of at most 256 KB or the kind's own MOST_BYTES; without characters that are not seen,
    but in what the kind names as VERBATIM. Raises ProctorError `bad_request`, `too_large`."""
    limit = getattr(kind, "MOST_BYTES", _MAX_JSON_BYTES)
    raw = await read_limited(request, limit, f"{limit // 1000} KB")
    try:
        told = all_visible(msgspec.json.decode(raw or b"{}"), getattr(kind, "VERBATIM", ()))
        return msgspec.convert(told, kind)
    except msgspec.DecodeError as error:
        raise malformed(error) from None
    except RecursionError:
        raise ProctorError("bad_request", field="message") from None


def utc(moment: datetime) -> datetime:
    """A moment that somebody chose, in UTC. Raises ProctorError `bad_request` beyond what any exam has."""
    if not 2000 <= moment.year < 3000:
        raise ProctorError("bad_request", field="time")
    return moment.astimezone(UTC)


async def read_limited(request: web.Request, limit: int, named: str) -> bytearray:
    """The whole body. Raises ProctorError `too_large` past `limit` bytes, without reading on."""
    if (request.content_length or 0) > limit:
        raise ProctorError("too_large", limit=named)
    content = bytearray()
    async for piece in request.content.iter_any():
        content += piece
        if len(content) > limit:
            raise ProctorError("too_large", limit=named)
    return content


def reply(body: Any, **headers: str) -> web.Response:
    """A JSON answer that nobody caches."""
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store", **headers})


def reply_encoded(body: bytes) -> web.Response:
    """As `reply`, of JSON that was encoded elsewhere."""
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


def whole_number(request: web.Request, name: str) -> int:
    """A number in the query, 0 when absent. Raises ProctorError `bad_request`, also for one that no column holds."""
    try:
        number = int(request.query.get(name, "0"))
    except ValueError:
        raise ProctorError("bad_request", field=name) from None
    if abs(number) >= 2**63:
        raise ProctorError("bad_request", field=name)
    return number
