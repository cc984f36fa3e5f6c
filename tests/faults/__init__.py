"""Faults of every part the service stands on: before, during and after."""
