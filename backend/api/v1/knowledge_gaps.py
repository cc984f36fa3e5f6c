"""The questions that the facts do not answer."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Response

from backend.api.deps import GapServiceDep, PageLimit
from backend.api.identity import get_admin_user
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.core.errors import DatabaseUnavailable, Forbidden, InvalidRequest, NotAuthenticated
from backend.schemas.knowledge_gap import GapList

router = part_router("knowledge")(
    dependencies=[Depends(get_admin_user)],
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable),
)

GapOrder = Annotated[Literal["newest", "most_asked"], Query(description="What comes first.")]
GapStatus = Annotated[
    Literal["open", "closed"], Query(description="Closed ones were answered by new facts.")
]
Cursor = Annotated[
    str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")
]
Format = Annotated[
    Literal["json", "csv"] | None,
    Query(description="`csv` gives all of them as a table; so does `Accept: text/csv`."),
]
_TABLE: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}


async def wants_table(
    format: Format = None,  # noqa: A002 - the name in the address
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> bool:
    """Whether a CSV table is asked for."""
    return format == "csv" or (format is None and accept.strip().lower().startswith("text/csv"))


@dataclass(frozen=True, slots=True)
class GapView:
    """Which gaps are asked for, in which order."""

    order: Literal["newest", "most_asked"]
    status: Literal["open", "closed"]


async def get_gap_view(order: GapOrder = "newest", status: GapStatus = "open") -> GapView:
    """What the address asks for."""
    return GapView(order, status)


@router.get("/gaps", responses={200: {"content": _TABLE}}, response_model=GapList)
async def list_gaps(
    gap_service: GapServiceDep,
    view: Annotated[GapView, Depends(get_gap_view)],
    as_table: Annotated[bool, Depends(wants_table)],
    limit: PageLimit = 50,
    cursor: Cursor = None,
) -> GapList | Response:
    """List what people asked about us and got no fact for, grouped over wordings and languages."""
    if as_table:
        table = await gap_service.export(order=view.order, status=view.status)
        return _table(table, view.status)
    return await gap_service.get_page(
        order=view.order, status=view.status, limit=limit, cursor=cursor
    )


def _table(table: str, status: str) -> Response:
    """A download; the mark at its start tells spreadsheets that it is UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="gaps-{status}.csv"'}
    return Response(f"\ufeff{table}", media_type="text/csv; charset=utf-8", headers=headers)
