"""A signal that asks a process to stop is heard whatever the process is doing."""

import os
import signal
from threading import Thread

import pytest

from tcert.foundation.kernel.stopping import Stop


@pytest.fixture
def stop():
    asked = Stop()
    before = {
        number: signal.signal(number, asked.set) for number in (signal.SIGUSR1, signal.SIGALRM)
    }
    yield asked
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


class Ending:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGUSR1)
        sum(range(10))  # the handler runs in here, where nobody hears what it raises


def test_a_signal_that_comes_while_an_object_ends_is_not_lost(stop):
    """It was: `tcert serve` went on after a SIGTERM that came in a finalizer."""
    Ending()
    assert stop.is_set
    assert stop.wait(0)


def test_who_waits_is_woken_by_the_signal_in_every_thread(stop):
    woken = []
    others = [Thread(target=lambda: woken.append(stop.wait(600))) for _ in range(2)]
    for other in others:
        other.start()
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    assert stop.wait(600)
    for other in others:
        other.join()
    assert woken == [True, True]


def test_who_waits_in_vain_is_told_so_and_asking_twice_is_asking_once(stop):
    assert not stop.wait(0)
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert stop.wait(0)
    assert stop.wait(600)
