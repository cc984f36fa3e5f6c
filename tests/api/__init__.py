"""Tests of `backend/api`."""
