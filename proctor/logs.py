"""Log lines as data: one JSON object a line on standard error.

Tracebacks show code and messages, never the values of variables: those can be passwords, keys and people's work.
"""

from __future__ import annotations

import contextlib
import logging
import sys

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError


def configure() -> None:
    """Set up structlog and the standard library's loggers, once for a process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_Lines,
        cache_logger_on_first_use=False,
    )
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a line tells of this server, not of what somebody sent that is no HTTP, with a part of it: anybody could
    fill the disk with those, and the part may be a secret."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | RequestPayloadError)


class _Lines:
    """Standard error, line by line. A line that cannot be written, on a full disk say, is lost: who tells of a failure
    there must not fail by telling."""

    def __init__(self, *arguments: object) -> None:
        """`arguments` of the logger's name, which no line shows."""

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # the last where there is no standard error
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg
