"""Who sees and changes which customers, and what follows from it; how customers change hands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Blocked, Missing, NotAllowed, RuleBroken, Stale
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.role import Role
from app.models.user import User
from app.services.contact import contacts
from app.services.customer import customers
from app.services.listing import Listing
from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.contact import make_contacts
from tests.factories.customer import make_customer
from tests.factories.making import change, load, user_id
from tests.factories.order import line, make_order
from tests.services.conftest import actor_named, problems_of

#: Letter → owner; at r and w sales1 is in the team, to read and to write; p is the pool.
OWNERS = {"a": "sales1", "b": "sales2", "c": "sales3", "r": "sales3", "w": "sales3", "p": None}
SEE = {
    **dict.fromkeys(("admin", "auditor", "manager", "finance"), "abcrwp"),
    "sales1": "arwp",
    "sales2": "bp",
    "sales3": "crwp",
    **dict.fromkeys(("clerk", "viewer"), "ab"),
    "security": "",
}
EDIT = {
    **dict.fromkeys(("admin", "manager"), "abcrwp"),
    **dict.fromkeys(("auditor", "finance", "viewer", "security"), ""),
    "sales1": "aw",
    "sales2": "b",
    "sales3": "crw",
    "clerk": "ab",
}


@pytest.fixture
def world(app):
    """Return letter → ids of a customer, its contact and its order."""
    return {letter: furnish(letter, owner) for letter, owner in OWNERS.items()}


def furnish(letter, owner):
    access = {"r": "read", "w": "write"}.get(letter)
    member = {"user": user_id("sales1"), "access": access}
    team = [ChildRow("team-0", None, member)] if access else []
    customer = make_customer(owner, name=f"松鹭{letter}有限公司", team=team)
    (contact,) = make_contacts(customer, {"name": "周松鹭"})
    return {"customer": customer, "contact": contact, "order": make_order(customer)}


SERVICES = {"customer": customers, "contact": contacts, "order": orders}


def letters(world, kind, ids):
    found = set(ids)
    return "".join(letter for letter in OWNERS if world[letter][kind] in found)


def reached(world, kind, actor, verb="see", **options):
    listing = Listing(db.session(), SERVICES[kind], actor, verb=verb, **options)
    ids = [record.id for record in listing.page(100).records]
    assert listing.count() == (len(ids), True)
    return letters(world, kind, ids)


def test_everybody_sees_what_their_roles_say(app, world):
    """AZ-3: in lists, counts, searches and look-ups alike."""
    for who, seen in SEE.items():
        actor = actor_named(who)
        for kind in SERVICES:
            wanted = "abcrwp" if (who, kind) == ("clerk", "order") else seen
            assert reached(world, kind, actor) == wanted, who
            assert reached(world, kind, actor, term="松鹭") == wanted, who
        chosen = db.session.scalars(select(Customer.id).where(*customers.referable_by(actor)))
        assert letters(world, "customer", chosen) == seen, who


def test_what_is_out_of_sight_is_missing_like_what_never_was(app, world):
    """AZ-3"""
    for who, seen in SEE.items():
        actor = actor_named(who)
        for letter, ids in world.items():
            for kind in ("customer", "contact"):
                assert is_there(kind, actor, ids[kind]) == (letter in seen), (who, kind, letter)
        for nothing in (10**9, "x", "", None, "1 OR 1=1", -1, 2**70, "１"):
            assert not is_there("customer", actor, nothing)


def is_there(kind, actor, record, verb="see"):
    try:
        return SERVICES[kind].get(db.session(), actor, record, verb).id == record
    except Missing:
        return False


def test_writing_reaches_less_far_than_seeing(app, world):
    """AZ-3, AZ-4: a team that may read, and the pool, are not written."""
    for who, written in EDIT.items():
        actor = actor_named(who)
        for kind in SERVICES:
            # A clerk works on all orders; finance comes in by the credit fields alone.
            everything = (who, kind) in (("clerk", "order"), ("finance", "customer"))
            wanted = "abcrwp" if everything else written
            assert reached(world, kind, actor, "edit") == wanted, who


@pytest.mark.parametrize("who", ["sales1", "sales2", "sales3", "clerk", "manager"])
def test_new_records_go_below_customers_that_one_may_write(app, world, work_as, who):
    """AZ-7"""

    def create(kind, letter):
        below = {"customer": world[letter]["customer"]}
        values = {
            "contact": {"name": "新人", "mobile": "13912345678"},
            "order": {"order_date": date(2026, 11, 24), "lines": [line()]},
        }[kind]
        with work_as(who) as work:
            SERVICES[kind].create(work, values | below)

    for kind in ("contact", "order"):
        for letter in OWNERS:
            if letter in EDIT[who]:
                create(kind, letter)
                continue
            with pytest.raises(RuleBroken) as refusal:
                create(kind, letter)
            assert set(problems_of(refusal)) == {"customer"}


def test_records_do_not_move_to_customers_that_one_may_not_write(app, world, work_as):
    """AZ-7"""
    for kind in ("contact", "order"):
        for letter in "bcrp":
            with pytest.raises(RuleBroken) as refusal:
                move(work_as, kind, world["a"][kind], world[letter]["customer"])
            assert set(problems_of(refusal)) == {"customer"}
        move(work_as, kind, world["a"][kind], world["w"]["customer"])


def move(work_as, kind, record, customer):
    with work_as("sales1") as work:
        found = SERVICES[kind].get(work.session, work.actor, record, "edit")
        SERVICES[kind].update(work, found, {"customer": customer}, version=found.version)


def test_subordinates_are_seen_all_the_way_down(app, world):
    """AZ-3"""
    change(User, user_id("sales2"), manager_id=user_id("viewer"))
    change(User, user_id("sales3"), manager_id=user_id("sales2"))
    with work_for(SYSTEM) as work:
        role = work.session.scalars(select(Role).where(Role.name == "viewer")).one()
        role.grants = {"customer": {"see": "subordinates"}, "order": {"see": "subordinates"}}
    viewer = actor_named("viewer")
    assert reached(world, "customer", viewer) == reached(world, "order", viewer) == "bcrw"
    assert reached(world, "contact", viewer) == ""


def test_of_several_roles_the_widest_counts(app, world):
    with work_for(SYSTEM) as work:
        user = work.session.get_one(User, user_id("sales1"))
        user.roles.append(work.session.scalars(select(Role).where(Role.name == "clerk")).one())
    both = actor_named("sales1")
    assert reached(world, "customer", both) == "abrwp"
    assert reached(world, "order", both) == "abcrwp"


# -- the pool ----------------------------------------------------------------------------------------


@pytest.fixture
def hand(work_as):
    """Let somebody claim, release or transfer a customer."""

    def act(customer, verb, who, **values):
        with work_as(who) as work:
            found = customers.get(work.session, work.actor, customer, verb)
            getattr(customers, verb)(work, found, values)

    return act


def test_salespeople_claim_from_the_pool(app, world, hand):
    hand(world["p"]["customer"], "claim", "sales2")
    assert load(Customer, world["p"]["customer"]).owner_id == user_id("sales2")
    assert reached(world, "customer", actor_named("sales2"), "edit") == "bp"
    assert reached(world, "customer", actor_named("sales1")) == "arw"


def test_nobody_claims_what_belongs_to_somebody(app, world, hand):
    """AZ-8"""
    for letter in "bcr":
        with pytest.raises(Missing):
            hand(world[letter]["customer"], "claim", "sales1")
        with pytest.raises(Blocked):
            hand(world[letter]["customer"], "claim", "manager")


def test_of_two_who_claim_at_once_one_wins(app, world):
    """REL-2"""
    actors, start = [actor_named("sales1"), actor_named("sales2")], Barrier(2)
    db.session.remove()

    def claim(actor):
        with app.app_context():
            start.wait()
            try:
                with work_for(actor) as work:
                    found = customers.get(work.session, actor, world["p"]["customer"], "claim")
                    customers.claim(work, found, {})
            except (Stale, Blocked, Missing):
                return None
            return actor.user_id

    with ThreadPoolExecutor(2) as threads:
        winners = [one for one in threads.map(claim, actors) if one]
    assert [load(Customer, world["p"]["customer"]).owner_id] == winners


def test_a_released_customer_is_in_the_pool(app, world, hand):
    hand(world["a"]["customer"], "release", "manager")
    assert load(Customer, world["a"]["customer"]).owner_id is None
    assert reached(world, "customer", actor_named("sales2")) == "abp"
    with pytest.raises(Blocked):
        hand(world["a"]["customer"], "release", "manager")


def test_a_transfer_takes_everything_below_along(app, world, hand):
    hand(world["a"]["customer"], "transfer", "manager", owner=user_id("sales3"))
    for kind in SERVICES:
        assert "a" not in reached(world, kind, actor_named("sales1"))
        assert "a" in reached(world, kind, actor_named("sales3"))


def test_a_transfer_needs_somebody_who_works_here(app, world, hand):
    change(User, user_id("sales3"), is_active=False)
    for owner in (None, 10**9, user_id("sales3")):
        with pytest.raises(RuleBroken) as refusal:
            hand(world["a"]["customer"], "transfer", "manager", owner=owner)
        assert set(problems_of(refusal)) == {"owner"}


def test_hands_are_remembered(app, world, hand):
    """AUD-1"""
    customer = world["p"]["customer"]
    hand(customer, "claim", "sales1")
    hand(customer, "transfer", "manager", owner=user_id("sales3"))
    hand(customer, "release", "manager")
    rows = select(Audit.action, Audit.changes).where(
        Audit.entity == "customer", Audit.record_id == customer
    )
    history = db.session.execute(rows.order_by(Audit.id)).all()[-3:]
    one, three = ({"id": user_id(name), "text": f"{name}先生"} for name in ("sales1", "sales3"))
    assert [tuple(row) for row in history] == [
        ("customer.claim", {"owner": [None, one]}),
        ("customer.transfer", {"owner": [one, three]}),
        ("customer.release", {"owner": [three, None]}),
    ]


def test_customers_change_hands_only_by_those_who_may(app, world, work_as):
    """AZ-4, AZ-8"""
    verbs = ("claim", "release", "transfer")
    lacks = {"clerk": verbs, "finance": verbs, "auditor": verbs, "sales1": verbs[1:]}
    customer, values = world["a"]["customer"], {"owner": user_id("sales1")}
    for who, verb in ((who, verb) for who, many in lacks.items() for verb in many):
        with pytest.raises(NotAllowed):
            do(work_as, who, verb, customer, values)
        assert not is_there("customer", actor_named(who), customer, verb)


def do(work_as, who, verb, customer, values):
    with work_as(who) as work:
        getattr(customers, verb)(work, work.session.get_one(Customer, customer), values)


@pytest.mark.parametrize("who", ["sales1", "clerk", "finance"])
def test_the_owner_is_no_field_for_everybody(app, world, work_as, who):
    """AZ-8"""
    with pytest.raises(NotAllowed), work_as(who) as work:
        customers.create(work, {"name": "苏州云松食品有限公司", "owner": user_id("sales3")})


def test_a_manager_chooses_the_owner(app, work_as):
    with work_as("manager") as work:
        made = customers.create(work, {"name": "云松有限公司", "owner": user_id("sales3")}).id
        pool = customers.create(work, {"name": "鹭汀有限公司", "owner": None}).id
    assert load(Customer, made).owner_id == user_id("sales3")
    assert load(Customer, pool).owner_id is None
