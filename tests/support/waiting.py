"""Waiting for what makes an assertion true: for an event, never for a time in
which it has been seen to come. The bounds are there to end a test that hangs;
they are not what a busy machine takes."""

import contextlib
import threading
import time

PATIENCE_S = 60


def eventually(condition, patience_s=PATIENCE_S, pause_s=0.02):
    """Asks until it is true; whoever shows it has no event for it."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(pause_s)


@contextlib.contextmanager
def cancelling(cancel):
    """Cancels what is run meanwhile. A cancel that comes before the query is
    lost, with Postgres as well: then there is another."""
    over = threading.Event()

    def keep_cancelling():
        while not over.wait(0.3):
            cancel()

    thread = threading.Thread(target=keep_cancelling)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def end_servers(cluster, where="true"):
    """Ends the servers of the tests' user that are so, and waits until Postgres
    has: who comes then does not find them any more."""
    cluster.sql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                f"WHERE usename = 'app' AND ({where})")
