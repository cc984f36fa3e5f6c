"""Tests of `backend/services`."""
