"""Real-time online exam rooms under two Vietnamese training regulations."""

__version__ = "0.1.0"
