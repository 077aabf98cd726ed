"""Socket.IO: every message in `messages.py`, what follows from events in `exchange.py`, the wire in `namespace.py`."""
