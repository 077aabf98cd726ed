"""The time of the places where exams are held: a day that a text speaks of begins at midnight there."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def local_day(moment: datetime) -> date:
    """The day of an aware `moment` there: that by which a dated figure, decision or consent holds."""
    return moment.astimezone(LOCAL_TIME).date()
