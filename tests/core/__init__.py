"""Tests of `backend.core`."""
