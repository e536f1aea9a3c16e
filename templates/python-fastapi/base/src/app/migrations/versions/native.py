"""How a session keeps its refresh token: in a cookie, or in the client.

Revision ID: native
"""

import sqlalchemy as sa
from alembic import op

revision = "native"
down_revision = "initial"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("transport", sa.String(10), nullable=False, server_default="cookie"))


def downgrade() -> None:
    op.drop_column("sessions", "transport")
