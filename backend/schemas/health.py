"""What the service says of its own state."""

from typing import Literal

from pydantic import BaseModel


class RootResponse(BaseModel):
    """The plan's greeting."""

    message: str = "AU-GURU API is running"


class HealthResponse(BaseModel):
    """Alive."""

    status: Literal["healthy"] = "healthy"


class ComponentState(BaseModel):
    """One thing the service stands on.

    "degraded" does not stop answers: without Gemini they come from the knowledge itself.
    """

    state: Literal["ok", "degraded", "failed", "off"]
    detail: str | None = None


class ReadyResponse(BaseModel):
    """Ready when no part that is needed has failed."""

    status: Literal["ready", "not_ready"]
    database: ComponentState
    knowledge: ComponentState
    gemini: ComponentState
    vectors: ComponentState
    redis: ComponentState
