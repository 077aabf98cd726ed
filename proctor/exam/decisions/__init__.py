"""The decisions that may be taken in a room, by subject.

Each is a function `(room, now, …) -> Decision`: it reads the state, raises a `Refusal` or returns the events that
follow from the act and what the one who acted is answered. Nothing changes until the log holds the events. Functions
named `may_…` only raise or answer.
"""
