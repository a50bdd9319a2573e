"""The generator: the same seed and contract make the same requests, in the same order."""

from collections.abc import Iterator
from random import Random

from tests.hostile import mutations as m
from tests.hostile import outside as o
from tests.hostile.contract import Contract, Route
from tests.hostile.draft import Hostile
from tests.hostile.plausible import plausible

#: Views where most can be said, and most can go wrong: as often again as all others together.
RICH = (
    *("index_view", "create_view", "edit_view", "ajax_update", "action_view", "ajax_lookup"),
    *("export", "attach_view", "detach_view", "attachment_view", "restore_view", "unmask_view"),
    *("subject_view", "permissions_view", "sessions_view"),
)
MUTATIONS: dict[m.Mutation, int] = {
    m.poison: 30,
    m.poison_much: 6,
    m.filters: 8,
    m.grids: 10,
    m.rename: 4,
    m.reshape: 6,
    m.foreign_fields: 5,
    m.bloat: 3,
    m.token: 4,
    m.method: 4,
    m.path: 8,
    m.rawness: 2,
    o.headers: 12,
    o.content_type: 4,
    o.as_json: 5,
    o.multipart: 5,
    o.odd_body: 3,
}


def requests(seed: int, count: int, contract: Contract) -> Iterator[Hostile]:
    """Yield *count* hostile requests; every route comes up before any comes up again."""
    rng = Random(seed)
    turns = _turns(rng, contract)
    for index in range(count):
        own = Random(f"{seed}:{index}")  # one request does not change what the next ones are
        route = next(turns)
        draft = plausible(own, contract, route)
        for mutation in own.choices(
            list(MUTATIONS), list(MUTATIONS.values()), k=own.choice((0, 1, 1, 1, 1, 2, 2, 3))
        ):
            mutation(own, contract, route, draft)
        yield draft.finished(index, own)


def _turns(rng: Random, contract: Contract) -> Iterator[Route]:
    """Yield routes: all in a new order each time, with one of the rich ones between any two."""
    every = list(contract.routes)
    rich = [route for route in every if route.view in RICH]
    while True:
        rng.shuffle(every)
        for route in every:
            yield route
            yield rng.choice(rich)
