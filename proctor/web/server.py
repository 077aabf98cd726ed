"""The HTTP application."""

from __future__ import annotations

from aiohttp import web

from proctor.web import (
    changes,
    office,
    pages,
    phone,
    photos,
    planning,
    practice,
    replay,
    room,
    rosters,
    sign_in,
    steering,
    support,
    uploads,
)  # fmt: skip
from proctor.web.edge import refusals
from proctor.web.services import SERVICES, Services
from proctor.web.sign_outs import SIGN_OUTS, SignOuts

SUBJECTS = (
    sign_in, office, planning, rosters, room, steering, photos, uploads, phone, replay, support, practice, changes,
)  # fmt: skip
"""The files of routes."""


def http_app(services: Services) -> web.Application:
    """All routes over `services`. Bodies are limited where they are read, each by its own bound."""
    app = web.Application(middlewares=[uploads.speak_tus, refusals], client_max_size=1_000_000)
    app[SERVICES] = services
    app[SIGN_OUTS] = SignOuts()
    for subject in SUBJECTS:
        app.add_routes(subject.routes)
    app.add_routes(pages.routes(services.webclient))
    return app
