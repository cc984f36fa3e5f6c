"""The university's facts: read, indexed, found, rendered and cited."""
