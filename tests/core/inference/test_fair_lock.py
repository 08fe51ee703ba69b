import threading
import time

import pytest

from core.inference.fair_lock import FairLock


def wait_for_line(lock: FairLock, length: int) -> None:
    while lock.waiting < length:
        time.sleep(0.001)


def test_threads_get_it_in_the_order_in_which_they_came():
    lock, order = FairLock(), []

    def work(name: str) -> None:
        with lock:
            order.append(name)

    threads = [threading.Thread(target=work, args=[name]) for name in "abcdefgh"]
    with lock:
        for place, thread in enumerate(threads, 1):
            thread.start()
            wait_for_line(lock, place)
    for thread in threads:
        thread.join()
    assert "".join(order) == "abcdefgh"
    assert lock.waiting == 0


def test_a_thread_that_wants_it_again_at_once_comes_after_those_that_wait():
    lock, order = FairLock(), []

    def work() -> None:
        with lock:
            order.append("other")

    other = threading.Thread(target=work)
    with lock:
        other.start()
        wait_for_line(lock, 1)
    with lock:
        order.append("first again")
    other.join()
    assert order == ["other", "first again"]


def test_one_thread_at_a_time_holds_it():
    lock, inside, most = FairLock(), [], []

    def work() -> None:
        for _ in range(200):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 1600
    assert max(most) == 1


def test_an_error_gives_it_back():
    lock = FairLock()
    with pytest.raises(RuntimeError, match="in the block"), lock:
        raise RuntimeError("in the block")
    with lock:
        assert lock.waiting == 0


def test_a_thread_that_is_interrupted_while_it_waits_holds_nobody_up(monkeypatch):
    lock = FairLock()

    def interrupt(_: threading.Event) -> None:
        raise KeyboardInterrupt

    with lock:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Event, "wait", interrupt)
            with pytest.raises(KeyboardInterrupt), lock:
                pass
        assert lock.waiting == 0
    with lock:
        pass
