"""What pictures show: run in worker processes only. Findings are advisory, never a verdict."""
