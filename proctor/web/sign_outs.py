"""What became of a sign-out that its asker may take back: carried out or withdrawn, whichever came to the server first.

A request that was sent cannot be recalled, and one that waits before a server that stood still may be read after the
one that takes it back. So each sign-out has a mark, the same however often it is sent, and what was said of a mark
first stands: a page that withdraws one hears for certain whether its session goes on (webclient/lib/sign_out.js). Kept
in memory: a request that was waiting does not outlive the process that it waited for.
"""

from __future__ import annotations

from collections import OrderedDict

from aiohttp import web

_SESSIONS = 10_000
_MARKS = 50  # of a session: a person presses, thinks again, and presses anew


class SignOuts:
    """The newest sign-outs, by session and mark; a mark is a short text of the page's own."""

    def __init__(self) -> None:
        self._carried_out: OrderedDict[str, OrderedDict[str, bool]] = OrderedDict()

    def carry_out(self, session: str, mark: str) -> bool:
        """Whether to carry it out: it was not withdrawn, and cannot be any more."""
        return self._first(session, mark, carried_out=True)

    def withdraw(self, session: str, mark: str) -> bool:
        """Whether it is withdrawn, for good; not if it was carried out before."""
        return not self._first(session, mark, carried_out=False)

    def failed(self, session: str, mark: str) -> None:
        """It could not be carried out: what is said next of it counts."""
        self._carried_out.get(session, OrderedDict()).pop(mark, None)

    def _first(self, session: str, mark: str, *, carried_out: bool) -> bool:
        marks = self._carried_out.setdefault(session, OrderedDict())
        self._carried_out.move_to_end(session)
        stands = marks.setdefault(mark, carried_out)
        while len(marks) > _MARKS:
            marks.popitem(last=False)
        while len(self._carried_out) > _SESSIONS:
            self._carried_out.popitem(last=False)
        return stands


SIGN_OUTS: web.AppKey[SignOuts] = web.AppKey("sign_outs")
