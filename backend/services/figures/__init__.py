"""Whether the figures of an answer stand in the facts it was given."""

from backend.services.figures.evidence import Evidence, find_unsupported

__all__ = ["Evidence", "find_unsupported"]
