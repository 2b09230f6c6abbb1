"""the data; where MIGRATION_MARK names a file that is not there yet, this
process makes it and goes no further: it is to be killed"""

import os
import signal

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    ship = sa.table("ship", sa.column("id"), sa.column("name"), sa.column("tons"))
    op.bulk_insert(ship, [{"id": n, "name": f"ship {n}", "tons": n / 4} for n in range(50)])
    mark = os.environ.get("MIGRATION_MARK")
    if mark:
        try:
            with open(mark + ".first", "x") as file:
                file.write(str(os.getpid()))
            os.link(mark + ".first", mark)  # whole once it is there
            signal.pause()
        except FileExistsError:
            pass
    op.execute(f"INSERT INTO applied (revision, pid) VALUES ('0002', {os.getpid()})")
