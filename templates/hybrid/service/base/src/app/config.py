"""Configuration from environment variables, checked before anything starts.

Names are the upper-cased field names; each may also come as NAME_FILE. A `.env`
file is read in development only.
"""

import os
import secrets
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

NAME = "scaffold-sample"
TITLE = "Scaffold Sample"
# Who signs the tokens; their audience is NAME.
GATEWAY = "<% trimSuffix "-service" .name %>"

Port = Annotated[int, Field(gt=0, lt=65536)]

# What development (loopback only) eases; everything else is as in production.
DEVELOPMENT = {
    "database_url": "sqlite:///var/dev.db",
    "max_items": 50_000,
    "log_format": "pretty",
}


class Settings(BaseSettings):
    """Defaults are production's; `DEVELOPMENT` eases them."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app_env: Literal["development", "production"] = "development"
    bind: str = "127.0.0.1"
    port: Port = 8000
    metrics_port: Port = 9000

    gateway_public_keys: str = ""
    database_url: SecretStr = SecretStr("")
    db_transport: Literal["", "private"] = ""
    cursor_secret: SecretStr = SecretStr("")

    max_items: int = Field(default=1_000, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "pretty"] = "json"

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @model_validator(mode="before")
    @classmethod
    def _ease_development(cls, values: dict[str, Any]) -> dict[str, Any]:
        easy = values.get("app_env", "development") == "development"
        return DEVELOPMENT | values if easy else values

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSource(settings_cls), dotenv_settings


class _FileSource(PydanticBaseSettingsSource):
    """NAME_FILE: the value is the content of that file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(f"{field_name.upper()}_FILE: cannot be read") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self._fields()}
        return {name: value for name, value in found.items() if value is not None}

    def _fields(self) -> list[tuple[str, FieldInfo]]:
        return list(self.settings_cls.model_fields.items())


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Read the environment once, or name every variable that is wrong and exit."""
    production = os.environ.get("APP_ENV") == "production"
    try:
        return Settings(_env_file=None if production else ".env")
    except ValidationError as error:
        found = error.errors(include_input=False)
        lines = [f"  {str(one['loc'][0]).upper()}: {one['msg']}" for one in found]
        sys.stderr.write("\n".join(["Refusing to start:", *lines]) + "\n")
        raise SystemExit(2) from None


def fresh_env() -> str:
    """The text of a .env file for development; every call makes new keys."""
    return f"APP_ENV=development\nCURSOR_SECRET={secrets.token_urlsafe(48)}\n"
