"""What stands beside the room logs: people, sessions, exams, papers and uploads, in SQLAlchemy tables.

The log is the truth about a room; these tables are what has to be known before there is a room, and where bytes lie.
"""
