"""The room log: append-only, hash-chained, durable before it is acknowledged.

`chain.py` says what an entry is and how it is linked, `writer.py` puts entries on disk in group commits, `actor.py`
is the one place where a room decides, appends, applies and acknowledges, `tables.py` is where the rows stand.
"""
