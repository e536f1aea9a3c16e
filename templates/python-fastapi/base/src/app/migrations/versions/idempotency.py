"""Answers to repeat (Idempotency-Key).

Revision ID: idempotency
"""

import sqlalchemy as sa
from alembic import op

revision = "idempotency"
down_revision = "initial"


def upgrade() -> None:
    op.create_table(
        "idempotent_calls",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_idempotent_calls_created_at", "idempotent_calls", ["created_at"])


def downgrade() -> None:
    op.drop_table("idempotent_calls")
