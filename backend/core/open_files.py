"""How many files and sockets the process may hold."""

import contextlib
import importlib


def allow_open_files() -> None:
    """Raise the limit to what the system allows.

    Most systems start a process with 1,024: an answer that is streamed takes two sockets, one
    of its reader and one of Gemini. Where there is no such limit (Windows) nothing is done.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        resource = importlib.import_module("resource")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
