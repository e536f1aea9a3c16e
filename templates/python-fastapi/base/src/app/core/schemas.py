"""What every request body and every answer is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# Strings arrive and leave byte for byte; what cannot be shown is refused, not cleaned.
SingleLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class Model(BaseModel):
    """Input: exactly the declared members, exactly their JSON types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class View(BaseModel):
    """Output: exactly the declared members, read from rows."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True
    )
