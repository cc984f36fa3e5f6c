"""Building many objects in a thread, beside requests."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SWITCH_SECONDS: Final = 0.0005
"""How long a request waits each time for a thread that builds; Python's own 5 ms add up."""


@contextmanager
def building() -> Iterator[None]:
    """Let requests in often, and keep the garbage collector from what is built inside.

    While hundreds of thousands of objects are made it runs again and again, which doubles the time,
    and each full run holds all threads for as long as it takes. Nothing that is built here has
    cycles, so that counting references frees it; what else is alive at the end is spared as well,
    and would leak only if it became a cycle's garbage: some kilobytes a reload.
    """
    was_on, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.freeze()
        if was_on:
            gc.enable()
