"""Markup in every text of every record: what no page may ever obey."""

from dataclasses import replace
from typing import Any

from sqlalchemy import String, func, select

from app.admin_views import MENU
from app.core.db import db
from app.core.work import SYSTEM, Actor, Origin, work_for
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.models.types import Key
from app.models.user import User
from app.services.audit import remember
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import user_id
from tests.factories.order import make_order

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}
EVIL = """<img src=x onerror=alert(1)>"' onfocus="x()" {{7*7}} ${7*7}</script></textarea></title>"""
SHORT = """"><b onclick='1'>"""
SHORTER = "<i>"
KEPT = {
    "username",
    "username_folded",
    "name_folded",
    "name_key",
    "password_hash",
    "key",
    "kind",
    "action",
    "entity",
}


def worst(length: int | None) -> str:
    """Return the worst text that fits."""
    return next(text for text in (EVIL, SHORT, SHORTER) if length is None or len(text) <= length)


def poison(record: Any) -> None:
    """Put markup into every text of *record*."""
    for column in record.__table__.columns:
        if (
            isinstance(column.type, String)
            and not isinstance(column.type, Key)
            and not column.foreign_keys
        ):
            if column.key not in KEPT:
                setattr(record, column.key, worst(column.type.length))


def poison_house() -> dict[str, int]:
    """Make one record of every kind, all of its texts markup; return the id of each."""
    one = make_customer(source="fair")
    person = make_contact(one, name="王工")
    order = make_order(one, contact=person)
    with work_for(SYSTEM) as work:
        ids = {}
        session = work.session
        customer = session.get(SCREENS["customer"].service.model, one)
        family = [customer, *customer.contacts, session.get(SCREENS["order"].service.model, order)]
        family += family[-1].lines
        for collection in ("addresses", "invoice_titles"):
            attribute = SCREENS["customer"].service.attributes()[collection]
            child = attribute.target(created_at=work.now, updated_at=work.now)
            getattr(customer, collection).append(child)
            poison(child)
        for entity in ("user", "role", "department", "dictionary", "setting"):
            model = SCREENS[entity].service.model
            order_by = model.id.desc() if entity != "dictionary" else model.id
            found = session.scalars(select(model).order_by(order_by)).first()
            ids[entity] = found.id
            family.append(found)
        family.append(session.get(User, user_id("sales1")))
        told = replace(work, actor=Actor(1, EVIL), origin=Origin(SHORT, SHORT))
        changes = {"name": [EVIL, EVIL], EVIL: [EVIL, EVIL], "reason": [None, EVIL]}
        remember(told, "customer.edit", "customer", one, changes, result=SHORT)
        tried = LoginLog(at=work.now, username=SHORT, result="ok", address=SHORT, device=EVIL)
        session.add(tried)
        for record in family:
            poison(record)
        session.flush()
        ids |= {"customer": one, "contact": person, "order": order}
        ids["loginlog"] = tried.id
    ids["audit"] = db.session.scalar(select(func.max(Audit.id)))
    return ids
