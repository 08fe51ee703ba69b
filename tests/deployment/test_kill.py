"""A server that is killed while visitors save drawings loses none that it acknowledged."""

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


async def save_sevens(server: Server, saved: dict[str, int]) -> None:
    """Save one after the other; note how many of the visitor's drawings were acknowledged."""
    async with open_session(server.address) as session:
        for number in range(1, SAVES + 1):
            await session.send_drawing(draw_seven(number), label=7)
            run = await session.receive_run()
            assert run.errors == ()
            assert run.toasts == ("Saved as a 7.",)
            saved[session.visitor] = number
            if sum(saved.values()) == KILLED_AFTER:
                server.process.send_signal(signal.SIGKILL)


async def save_all(server: Server) -> dict[str, int]:
    saved: dict[str, int] = {}
    outcomes = await asyncio.gather(
        *(save_sevens(server, saved) for _ in range(VISITORS)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {ConnectionClosedError}, outcomes
    return saved


def test_every_acknowledged_drawing_survives_the_death_of_the_server(database_url):
    server = Server(**{DATABASE_VARIABLE: database_url})
    saved = run_apart(save_all(server))
    assert server.process.wait(timeout=20) == -signal.SIGKILL
    assert sum(saved.values()) >= KILLED_AFTER
    assert len(saved) == VISITORS
    store = DrawingStore(database_url)
    for visitor, acknowledged in saved.items():
        drawings = store.find(visitor)
        # One more may have been saved before the page could acknowledge it.
        assert acknowledged <= len(drawings) <= acknowledged + 1
        assert {drawing.label for drawing in drawings} == {7}
    store.close()
