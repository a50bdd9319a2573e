"""A campaign: a furnished house, requests in rounds, and what must still be true after each round."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.work import SYSTEM, Work, work_for
from app.models.attachment import Attachment
from app.models.base import Base
from app.models.trash_entry import TrashEntry
from app.services import attachment
from app.services.activity import activities
from app.services.customer import customers as customers_
from app.services.invariants import violations
from app.services.order import orders
from tests.conftest import House
from tests.factories.activity import make_activity
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.order import make_orders
from tests.hostile.contract import SCREENS, Contract, routes_of
from tests.hostile.draft import FILE, Hostile
from tests.hostile.generator import requests
from tests.hostile.judging import problems
from tests.hostile.sending import Badge, Sender
from tests.visitor import Visitor, fields_of

ROUND = 400  # requests until the house is put in order again
ENOUGH = 60  # failures
ALIKE = 2  # failures of one kind are described
#: What reading may write: who was here, who was refused, what was taken away, how often.
NOTED = frozenset(
    {
        "device_sessions",
        "audit",
        "audit_heads",
        "login_log",
        "rate_counters",
        "login_counters",
        "remember_tokens",
    }
)
LOST = ("/login", "/account/password")


@dataclass
class Report:
    """How a campaign went."""

    seed: int
    sent: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: (method, path) of what was granted.
    granted: set[tuple[str, str]] = field(default_factory=set)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    alike: Counter[str] = field(default_factory=Counter)
    told: int = 0

    def note(self, request: Hostile, seconds: float, status: int) -> None:
        """Count an answer."""
        self.sent += 1
        self.statuses[request.who, status] += 1
        if status < 400 and request.who:
            path = request.target.partition(b"?")[0].decode("latin-1")
            self.granted.add((request.method, path))
        if seconds > 1:
            self.slowest = sorted([*self.slowest, (seconds, request.described()[:400])])[-5:]

    def new(self) -> list[str]:
        """Return the failures that nobody has been told of."""
        told, self.told = self.told, len(self.failures)
        return self.failures[told:]

    def summary(self) -> str:
        """Return for people how it went."""
        rows = [f"seed {self.seed}: {self.sent} requests, {len(self.failures)} failures"]
        counted = sorted(self.statuses.items())
        rows += [f"  {who or 'nobody':7} {status}: {n}" for (who, status), n in counted]
        return "\n".join(
            rows + [f"  slow, {seconds:.1f} s: {what}" for seconds, what in self.slowest]
        )

    def text(self) -> str:
        """Return the summary and every failure."""
        return "\n".join([self.summary(), *self.failures])


class Campaign:
    """One house under attack."""

    def __init__(self, house: House) -> None:
        self.house, self.app = house, house.app
        with self.app.app_context():
            house.tidy_up()
            furnish()
            self._keep()
            self.badges = self._badges()
            self.contract = self._contract()
        self.badges = self.restored()

    def run(
        self,
        seed: int,
        count: int,
        only: Iterable[int] = (),
        tell: Callable[[Report], Any] = lambda _: None,
    ) -> Report:
        """Send *count* requests of *seed* – or *only* some of them – and report."""
        report, chosen = Report(seed), set(only)
        every = (r for r in requests(seed, count, self.contract) if not chosen or r.index in chosen)
        with Sender(self.app) as sender:
            while part := list(islice(every, ROUND)):
                self._round(sender, part, report)
                tell(report)
                if len(report.failures) >= ENOUGH:
                    break
        return report

    def _round(self, sender: Sender, part: Sequence[Hostile], report: Report) -> None:
        """Send what must change nothing, look whether it did; send the rest, look whether all is sound."""
        safe = [request for request in part if request.safe]
        before = self.fingerprints()
        for request in safe:
            self._ask(sender, request, report)
        after = self.fingerprints()
        if changed := sorted(name for name in before if before[name] != after[name]):
            report.failures.append(
                f"seed {report.seed}, {safe[0].index}–{safe[-1].index}: reading changed {changed}"
            )
        for request in part:
            if not request.safe:
                self._ask(sender, request, report)
        with self.app.app_context(), Session(db.engine) as session:
            broken = list(violations(session))
        if broken:
            report.failures.append(f"seed {report.seed}, round before {report.sent}: {broken}")
        self.badges = self.restored()

    def _ask(self, sender: Sender, request: Hostile, report: Report) -> None:
        try:
            answer = sender.send(request, self.badges)
            found = list(problems(request, answer))
        except Exception as error:  # noqa: BLE001 - what gets past the house would be the server's 500
            found = [f"raised {type(error).__name__}: {error}"[:500]]
        else:
            report.note(request, answer.seconds, answer.status)
            where = answer.headers.get("Location", "")
            if request.who and where.startswith(LOST) and not self._knows(request.who):
                self.badges = self.restored()
        report.alike[signature := found[0][-160:] if found else ""] += 1
        if found and report.alike[signature] <= ALIKE:
            shown = "\n    ".join([*found, request.described()])
            report.failures.append(f"seed {report.seed}, request {request.index}:\n    {shown}")

    def _knows(self, who: str) -> bool:
        """Tell whether *who* is still signed in: a request may have ended the session, or the account."""
        with self.app.app_context():
            badge = self.badges[who]
            path = "/account/sessions"
            return (
                self.app.test_client()
                .get(path, headers={"Cookie": f"sid={badge.session.decode()}"})
                .status_code
                == 200
            )

    # -- the house -------------------------------------------------------------------------

    def restored(self) -> dict[str, Badge]:
        """Put the house in order and sign everybody in again."""
        with self.app.app_context():
            self.house.tidy_up()
            badges = self._badges()
            db.session.remove()
        return badges

    def fingerprints(self) -> dict[str, str]:
        """Return a digest of the rows of each table that reading must leave alone."""
        tables = [table for table in Base.metadata.sorted_tables if table.name not in NOTED]
        with self.app.app_context(), Session(db.engine) as session:
            return {
                table.name: sha256(
                    repr(sorted(map(repr, session.execute(select(table))))).encode()
                ).hexdigest()
                for table in tables
            }

    def _badges(self) -> dict[str, Badge]:
        badges = {"": self._badge("")}
        return badges | {who: self._badge(who) for who in ("admin", "clerk")}

    def _badge(self, who: str) -> Badge:
        visitor = Visitor(self.app, who)
        token = visitor.token.encode()
        cookie = visitor.browser.get_cookie("sid")
        return Badge(cookie.value.encode() if cookie else b"", token)

    def _keep(self) -> None:
        """Let the furnished house be what every round begins with."""
        db.session.remove()
        self.house.first = {
            table.name: [dict(row._mapping) for row in db.session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }

    def _contract(self) -> Contract:
        ids, forms, visitor = {}, {}, Visitor(self.app, "admin")
        for entity, screen in SCREENS.items():
            found = db.session.scalars(
                select(screen.service.model.id).order_by(screen.service.model.id)
            )
            ids[entity] = tuple(found.all()[:12])
        for entity in SCREENS:
            for kind, path in (("new", "new/"), ("edit", f"edit/?id={(ids[entity] or (1,))[0]}")):
                answer = visitor.get(f"/admin/{entity}/{path}")
                if answer.status_code == 200:
                    fields = fields_of(answer.text).items()
                    forms[entity, kind] = tuple(
                        (k, str(v or "")) for k, v in fields if k != "csrf_token"
                    )
        files, binned = {}, {}
        for one in db.session.scalars(select(Attachment)):
            files[one.entity] = (*files.get(one.entity, ()), (one.record_id, one.id))
        for entry in db.session.scalars(select(TrashEntry)):
            binned[entry.entity] = (*binned.get(entry.entity, ()), entry.record_id)
        return Contract(routes_of(self.app), ids, forms, files, binned)


def furnish() -> None:
    """Make a few records of every kind, in several scopes, one of each kind in the trash."""
    customers = [make_customer(owner) for owner in ("sales1", "clerk", None)]
    for customer in customers:
        make_contact(customer)
        make_activity(customer)
        make_orders(customer, {}, {"status": "confirmed"})
    binned = make_customer("clerk", name="要删的客户")
    order, activity = make_orders(customers[0], {})[0], make_activity(customers[0])
    with work_for(SYSTEM) as work:
        for service in (orders, activities, customers_):
            kept = service.model.id.not_in((order, activity, binned))
            first = work.session.scalars(select(service.model).where(kept).limit(1)).one()
            add_file(work, service, first.id)
        for service, one in ((orders, order), (activities, activity), (customers_, binned)):
            record = service.get(work.session, work.actor, one)
            service.delete(work, record, version=record.version)


def add_file(work: Work, service: Any, record: int) -> None:
    """Attach a small file."""
    uploads = attachment.look_through([("a.pdf", BytesIO(FILE + b"1"))])
    attachment.attach(work, service, record, uploads)
