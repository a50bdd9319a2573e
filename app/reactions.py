"""When this happens, do that: every reaction in the house, on one page."""

from app.core.work import REACTIONS
from app.domain.events import OrderPlaced
from app.services.customer import customers


def install() -> None:
    """Connect every event with what follows from it."""
    REACTIONS.update({OrderPlaced: (customers.note_order,)})
