"""Brings the database to the schema this code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.config import Settings


def configuration(settings: Settings) -> Config:
    """Alembic's configuration; the URL travels outside of its interpolated file format."""
    config = Config(attributes={"url": settings.database_url.get_secret_value()})
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def upgrade(settings: Settings) -> None:
    command.upgrade(configuration(settings), "head")
