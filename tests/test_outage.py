"""A short run of the proof outage (tests/prove)."""

from prove import outage


def test_restarts_leave_nobody_waiting(mortal):
    figures, notes = outage.run_restarts(mortal, 1, 0, 2, clients=200)
    print(f"\nlongest wait {figures['longest_ms']} ms; {outage.said(figures)}")
    assert not notes, "\n".join(notes[:20])
    assert figures["restarts"] == 2 and figures["told"] > 0 and figures["answered"] > 0


def test_serves_whoever_came_before_postgres(mortal):
    figures, notes = outage.run_cold_start(mortal, seconds=3, clients=200)
    print("\n" + outage.said(figures))
    assert not notes, "\n".join(notes[:20])
    assert figures["served_cold"] == 200
