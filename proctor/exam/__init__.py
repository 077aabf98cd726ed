"""The live exam, pure: no input or output, no clock of its own (`now` is an argument), standard library only.

`events.py` says what can happen, `sitting.py` and `room.py` fold events into state and decide commands,
`schedule.py`, `entry.py` and `submission.py` hold the rules with their articles, `permissions.py` who may do what.
"""
