"""Token buckets: how much one page or one address may ask for, so that it cannot keep the others waiting."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class TokenBucket:
    """Fills with `rate` tokens a second up to `most`; time is an argument, in seconds."""

    __slots__ = ("_at", "_most", "_rate", "_tokens")

    def __init__(self, rate: float, most: float, now: float) -> None:
        self._rate = rate
        self._most = most
        self._tokens = most
        self._at = now

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """Take `tokens` if they are there; what is refused costs nothing."""
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True


class Buckets:
    """A bucket for each who asks; the `keep` who asked last are remembered."""

    def __init__(self, rate: float, most: float, keep: int) -> None:
        self._rate = rate
        self._most = most
        self._keep = keep
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def take(self, who: Hashable, now: float) -> bool:
        """Take a token of `who`, if there is one."""
        bucket = self._buckets.get(who)
        if bucket is None:
            if len(self._buckets) >= self._keep:
                self._buckets.popitem(last=False)
            bucket = self._buckets[who] = TokenBucket(self._rate, self._most, now)
        else:
            self._buckets.move_to_end(who)
        return bucket.take(now)
