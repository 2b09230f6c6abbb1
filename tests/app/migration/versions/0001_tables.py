"""the tables"""

import os

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.create_table("applied", sa.Column("revision", sa.Text, nullable=False), sa.Column("pid", sa.Integer),
                    sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()))
    op.create_table("ship", sa.Column("id", sa.BigInteger, primary_key=True),
                    sa.Column("name", sa.String(40), nullable=False, unique=True),
                    sa.Column("tons", sa.Numeric(10, 2)))
    op.execute(f"INSERT INTO applied (revision, pid) VALUES ('0001', {os.getpid()})")
