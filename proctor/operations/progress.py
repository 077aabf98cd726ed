"""How far a long command is, for the person who waits: one line that renews itself, or a few lines in a file."""

from __future__ import annotations

import time
from typing import TextIO

_EVERY_SECONDS = {True: 0.2, False: 10.0}  # at a terminal, and not


class Progress:
    """Counts files and bytes towards known totals; what comes on top (files that appear meanwhile) is shown too."""

    def __init__(self, words: str, files: int, size: int, to: TextIO) -> None:
        self._words, self._files, self._size, self._to = words, files, size, to
        self._terminal = to.isatty()
        self._done_files = self._done_bytes = 0
        self._next = time.monotonic() + _EVERY_SECONDS[self._terminal]

    def read(self, count: int) -> None:
        """So many bytes were read."""
        self._done_bytes += count
        if time.monotonic() >= self._next:
            self._show()

    def done(self) -> None:
        """A file is done."""
        self._done_files += 1

    def finish(self) -> None:
        """All is done."""
        self._show()
        if self._terminal:
            print(file=self._to, flush=True)

    def _show(self) -> None:
        self._next = time.monotonic() + _EVERY_SECONDS[self._terminal]
        line = (f"{self._words}: {self._done_files}/{max(self._files, self._done_files)} tệp / files, "
                f"{self._done_bytes / 1e6:.1f}/{max(self._size, self._done_bytes) / 1e6:.1f} MB")  # fmt: skip
        self._to.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        self._to.flush()
