"""Where things are and how much is enough, as the environment says.

Each is SERVICE_ and its name in capitals: SERVICE_PORT=8001.
"""

# snippet: part

import os

from pydantic import BaseModel, Field, ValidationError


class Settings(BaseModel):
    """What may be set, and what holds if it is not."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    dask: str = "localhost:8786"
    ray: str = Field("ray://localhost:10001", pattern="^ray://")

    waiting: int = Field(
        100, ge=1, description="Requests in work, for each backend."
    )
    answer_seconds: float = Field(
        30, gt=0, description="For a cluster to answer a request."
    )
    tasks_kept: int = Field(
        1000, ge=1, description="Results of tasks; the last ones."
    )


def from_environment() -> Settings:
    """Read the environment; leave with a word on what is wrong."""
    names = {
        f"SERVICE_{name.upper()}": name
        for name in Settings.model_fields
    }
    values = {
        name: os.environ[variable]
        for variable, name in names.items()
        if variable in os.environ
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SystemExit(
            "\n".join(
                f"SERVICE_{str(fault['loc'][0]).upper()}="
                f"{fault['input']}: {fault['msg']}"
                for fault in error.errors()
            )
        ) from None


SETTINGS = from_environment()
