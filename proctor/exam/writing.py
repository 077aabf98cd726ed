"""How one version of an answer becomes the next.

A candidate saves every few seconds and changes little between two saves, so the log keeps what changed: how many
characters stand as before at the beginning and at the end, and the text between them. Every `WHOLE_EVERY` revisions
the whole text is kept, so that a version can be read without going back to the first one.
"""

from __future__ import annotations

from bisect import bisect_left

WHOLE_EVERY = 50


def change(before: str, after: str, revision: int) -> tuple[int, int, str]:
    """(characters kept at the beginning, characters kept at the end, what stands between) on the way to `revision`."""
    if revision % WHOLE_EVERY == 0:
        return 0, 0, after
    most = min(len(before), len(after))
    # How long the same beginning is, by halving: comparing slices costs far less than comparing characters.
    head = bisect_left(range(1, most + 1), True, key=lambda size: before[:size] != after[:size])
    most -= head
    tail = bisect_left(range(1, most + 1), True, key=lambda size: before[-size:] != after[-size:])
    return head, tail, after[head : len(after) - tail]


def changed(before: str, head: int, tail: int, between: str) -> str:
    """The version that a change leads to."""
    return before[:head] + between + before[len(before) - tail :]
