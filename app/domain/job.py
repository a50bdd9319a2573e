"""Background jobs: their states, and how long a failed one waits before it is tried again."""

from datetime import timedelta

from app.core.words import N_, Word

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)


class JobState(Word):
    """Where a job stands."""

    WAITING = "waiting", N_("等待中"), "grey"
    RUNNING = "running", N_("进行中"), "blue"
    DONE = "done", N_("已完成"), "green"
    FAILED = "failed", N_("失败"), "red"


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many attempts: 10 seconds, doubled each time, an hour at most."""
    doublings = min(max(attempts, 1), MAX_ATTEMPTS) - 1
    return min(_FIRST_WAIT * int(2**doublings), _LONGEST_WAIT)
