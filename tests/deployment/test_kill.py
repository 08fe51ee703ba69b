"""A server that is killed while visitors keep drawings loses none that it said it kept."""

import asyncio
import signal

import numpy as np
from websockets.exceptions import ConnectionClosedError

from core.drawings.store import DATABASE_VARIABLE, DrawingStore
from tests.benchmarks.simulated_session import encode_drawing, open_session, run_apart
from tests.servers import Server

VISITORS = 10
SAVES = 100  # of each visitor, 1,000 in all
KILLED_AFTER = 500


def draw_seven(number: int) -> str:
    """The pad with a seven that no other number gives."""
    points = [(80.0, 70.0), (240.0, 70.0 + number * 0.1), (140.0, 270.0)]
    return encode_drawing([np.array(points)])


async def keep_sevens(server: Server, kept: dict[str, int]) -> None:
    """Keep one after the other; note how many of the visitor the server has acknowledged."""
    async with open_session(server.address) as session:
        await session.send_drawing(draw_seven(0))
        await session.receive_run()
        for number in range(1, SAVES + 1):
            await session.send_drawing(draw_seven(number), keep=True)
            run = await session.receive_run()
            assert run.errors == ()
            assert run.toasts == ("Kept as a 7.",)
            kept[session.visitor] = number
            if sum(kept.values()) == KILLED_AFTER:
                server.process.send_signal(signal.SIGKILL)


async def keep_all(server: Server) -> dict[str, int]:
    kept: dict[str, int] = {}
    outcomes = await asyncio.gather(
        *(keep_sevens(server, kept) for _ in range(VISITORS)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {ConnectionClosedError}, outcomes
    return kept


def test_every_drawing_that_the_page_said_it_kept_survives_the_server_s_death(database_url):
    server = Server(**{DATABASE_VARIABLE: database_url})
    kept = run_apart(keep_all(server))
    assert server.process.wait(timeout=20) == -signal.SIGKILL
    assert sum(kept.values()) >= KILLED_AFTER
    assert len(kept) == VISITORS
    store = DrawingStore(database_url)
    for visitor, acknowledged in kept.items():
        drawings = store.find(visitor)
        # One more may have been on disk before the page could say so.
        assert acknowledged <= len(drawings) <= acknowledged + 1
        assert {one.label for one in drawings} == {7}
    store.close()
