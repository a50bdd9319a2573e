"""When this happens, do that; before this happens, ask those: every reaction in the house, on one page."""

from app.core.work import OBJECTIONS, REACTIONS
from app.domain.events import OrderPlaced, OrderReopening
from app.services.customer import customers
from app.services.reopening import shipped_so_far


def install() -> None:
    """Connect every event with what follows from it, every question with those who may object."""
    REACTIONS.update({OrderPlaced: (customers.note_order,)})
    OBJECTIONS.update({OrderReopening: (shipped_so_far,)})
