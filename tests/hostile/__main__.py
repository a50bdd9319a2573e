"""``python -m tests.hostile --seed S --count N``: a longer campaign, with another seed, on either database."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import House
from tests.hostile.campaign import Campaign, Report
from tests.servers import PLACE, new_database, stop_all


def main() -> int:
    """Run a campaign; return 0 only if nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument(
        "--only", type=int, nargs="*", default=[], help="numbers of single requests of this seed"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    count = max([asked.count, *(index + 1 for index in asked.only)])
    os.environ[PLACE] = tempfile.mkdtemp(prefix="tests-")
    place = Path(os.environ[PLACE])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    try:
        url = (
            f"sqlite:///{place / 'app.db'}"
            if asked.database == "sqlite"
            else new_database("hostile")
        )
        report = Campaign(House(url, place)).run(asked.seed, count, asked.only, _tell)
    finally:
        stop_all(place)
    print(report.summary())
    return 1 if report.failures else 0


def _tell(report: Report) -> None:
    """Say after each round how far it is, and what was found in it: nobody has to wait for the end."""
    statuses = Counter[int]()
    for (_, status), number in report.statuses.items():
        statuses[status] += number
    print(f"{report.sent} sent, {len(report.failures)} failures, {dict(statuses)}", file=sys.stderr)
    print("".join(f"{failure}\n" for failure in report.new()), end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
