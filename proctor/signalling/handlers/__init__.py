"""What each message of a page does: one function a message, under the message's name; one file for each who sends it.

A handler gets the seat and the decoded message; what it returns is the acknowledgement. Known, allowed and well formed
is a message before it comes here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from proctor.signalling.handlers import candidate, staff, viewing
from proctor.signalling.messages import FROM_PAGE
from proctor.signalling.seat import Seat

Handler = Callable[[Seat, Any], Awaitable[Any]]


def _find(name: str) -> Handler:
    for module in (candidate, staff, viewing):
        if found := getattr(module, name, None):
            return found  # type: ignore[no-any-return]
    raise LookupError(f"no handler for {name}")


HANDLERS: Mapping[str, Handler] = {name: _find(name) for name in FROM_PAGE}
