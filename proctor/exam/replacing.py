"""`dataclasses.replace`, many times as fast, for the values of which folding a log makes four at each entry.

`dataclasses.replace` looks at each field of the class in turn and calls its `__init__`. A copy of the attributes is the
same for classes without `__post_init__`, `__slots__` and cached properties; the room's and what is in it have none.
A start folds logs of tens of thousands of entries while a room of candidates waits for the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:
    T = TypeVar("T")

    def replace(value: T, /, **changes: Any) -> T:
        """Raises TypeError for a field that `value` does not have."""
        changed = object.__new__(value.__class__)
        attributes = changed.__dict__
        attributes.update(value.__dict__)
        known = len(attributes)
        attributes.update(changes)
        if len(attributes) != known:
            raise TypeError(f"{value.__class__.__name__} has none of the fields {sorted(changes)}")
        return changed
