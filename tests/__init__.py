"""Tests of the service; they mirror `backend/` and never leave the machine."""
