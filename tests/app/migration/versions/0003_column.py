"""a column, filled and made NOT NULL, and an index"""

import os

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade():
    op.add_column("ship", sa.Column("flag", sa.Text))
    op.execute("UPDATE ship SET flag = 'of ' || name")
    op.alter_column("ship", "flag", nullable=False)
    op.create_index("ix_ship_flag", "ship", ["flag"])
    op.execute(f"INSERT INTO applied (revision, pid) VALUES ('0003', {os.getpid()})")
