"""``python -m bench.timing``: does signing in take longer for a name that exists? ENU-2.

Wrong passwords for known and for unknown names in turns, each name once in a while and from an
address of its own, so that no lock answers instead. Prints both medians, how far they are apart, and
how far two halves of the *same* kind are apart: the noise that a listener has to hear through.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.core import passwords
from app.core.config import load_settings
from app.core.work import SYSTEM, work_for
from app.models.user import User
from tests.visitor import Visitor

PAIRS, WARM_UP = 200, 5
PEOPLE = 100  # so that nobody is asked for more than twice


def furnish(app: Flask) -> None:
    """Make people with one password."""
    stored = passwords.make_hash("Kp7x-m4Rt-9wQz-Hc3v")
    with app.app_context(), work_for(SYSTEM) as work:
        for number in range(PEOPLE):
            name = f"person{number:03d}"
            user = User(username=name, username_folded=name, name=name, password_hash=stored)
            user.password_changed_at, user.must_change_password = work.now, False
            work.session.add(user)


def knock(app: Flask, username: str, address: str) -> float:
    """Try a wrong password and return how long the answer took, in milliseconds."""
    visitor = Visitor(app)
    token = visitor.token
    began = time.perf_counter()
    answer = visitor.browser.post(
        "/login",
        data={"username": username, "password": "wrong-" + username, "csrf_token": token},
        environ_base={"REMOTE_ADDR": address},
    )
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 401:
        raise RuntimeError(f"{username}: {answer.status_code}")
    return took


def main() -> int:
    """Measure and print; return 1 where the difference can be heard."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pairs", type=int, default=PAIRS)
    pairs: int = asked.parse_args().pairs
    root = Path(tempfile.mkdtemp(prefix="timing-"))
    app = create_app(
        load_settings(
            root, warn=False, database_url=f"sqlite:///{root / 'app.db'}", log_level="ERROR"
        )
    )
    with app.app_context():
        upgrade()
    furnish(app)
    times: dict[str, list[float]] = {"person": [], "nobody": []}
    for turn in range(pairs + WARM_UP):
        for kind in random.sample(sorted(times), 2):
            number = random.randrange(256), random.randrange(256), turn % 256
            with app.app_context():
                took = knock(app, f"{kind}{turn % PEOPLE:03d}", "10.{}.{}.{}".format(*number))
            if turn >= WARM_UP:
                times[kind].append(took)
    apart = abs(median(times["person"]) - median(times["nobody"]))
    noise = max(abs(median(kind[::2]) - median(kind[1::2])) for kind in times.values())
    for name, found in times.items():
        sys.stdout.write(f"{name}: median {median(found):.2f} ms of {len(found)}\n")
    sys.stdout.write(f"apart {apart:.2f} ms, noise {noise:.2f} ms\n")
    allowed = max(15.0, 0.1 * median(times["person"]))  # milliseconds
    return 0 if apart < allowed else 1


if __name__ == "__main__":
    sys.exit(main())
