"""Building many objects without Python's cyclic garbage collector in the way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector from looking at what is built inside, now and later.

    While hundreds of thousands of objects are made it runs again and again, which doubles the time,
    and each full run holds all threads for as long as it takes. Nothing that is built here has
    cycles, so that counting references frees it; what else is alive at the end is spared as well,
    and would leak only if it became a cycle's garbage: some kilobytes a reload.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
