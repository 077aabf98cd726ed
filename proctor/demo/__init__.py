"""The demonstration of `scripts/run`: people, a finished exam to replay, and one that starts in three minutes."""
