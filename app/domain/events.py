"""What happened, said by the area where it happened; app/reactions.py says who answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerSaved:
    """A customer was created or changed, or came back from the trash."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """A customer went to another salesperson; None is the pool."""

    customer_id: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class ContactSaved:
    """A contact of the customer was created, changed or deleted."""

    contact_id: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class _OrderEvent:
    """Something happened to an order of the customer."""

    order_id: int
    customer_id: int


class OrderPlaced(_OrderEvent):
    """A customer ordered something: the order was created."""


class OrderConfirmed(_OrderEvent):
    """An order was promised to the customer."""


class OrderReopening(_OrderEvent):
    """Somebody wants an order back as a draft: a question, answered with what stands in the way."""


class OrderReopened(_OrderEvent):
    """A confirmed order became a draft again."""


class OrderPartShipped(_OrderEvent):
    """Some of an order left the house."""


class OrderShipped(_OrderEvent):
    """All of an order left the house."""


class OrderCompleted(_OrderEvent):
    """An order came to its end, in full or closed short."""


class OrderCancelled(_OrderEvent):
    """An order was called off."""


class OrderTrashed(_OrderEvent):
    """An order went to the trash."""


class OrderRestored(_OrderEvent):
    """An order came back from the trash."""
