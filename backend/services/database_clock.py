"""The database's own time: hosts that share one have clocks that differ, and are set anew."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FunctionElement, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from backend.models.base import UTCDateTime


class clock(FunctionElement[datetime]):  # noqa: N801 - named as SQL's functions are
    """The present moment, or so many seconds later."""

    type = UTCDateTime()
    inherit_cache = True


NOW: Final[ColumnElement[datetime]] = clock(literal_column("0"))


@compiles(clock, "postgresql")
def _postgresql(element: clock, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


@compiles(clock, "sqlite")
def _sqlite(element: clock, compiler: SQLCompiler, **options: Any) -> str:
    # As SQLAlchemy writes times, with microseconds: texts are compared.
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000')"
