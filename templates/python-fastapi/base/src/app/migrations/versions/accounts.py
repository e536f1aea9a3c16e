"""Accounts, sessions and tokens."""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "accounts"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(100)),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("verified_at", UtcDateTime()),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _parent("user_id", "users.id"),
        # <% if .native %>
        sa.Column("transport", sa.String(10), nullable=False),
        # <% end %>
        sa.Column("auth_time", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        _parent("session_id", "sessions.id"),
        sa.Column("used_at", UtcDateTime()),
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        _parent("user_id", "users.id"),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("new_email", sa.String(254)),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
    )


def _parent(name: str, column: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.Uuid(), sa.ForeignKey(column, ondelete="CASCADE"), nullable=False, index=True
    )


def downgrade() -> None:
    for table in ("one_time_tokens", "refresh_tokens", "sessions", "users"):
        op.drop_table(table)
