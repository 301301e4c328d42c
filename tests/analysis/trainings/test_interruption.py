"""Signals as KeyboardInterrupt at the right time."""

import os
import signal
import threading

import pytest

from spacy_mtl.analysis.trainings.interruption import SIGNALS, Interruption

from ...systems import needs_signals

pytestmark = needs_signals


def send(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


@pytest.fixture(autouse=True)
def handlers():
    """What would end the tests is noted instead."""
    noted = []
    before = {number: signal.signal(number, lambda number, frame: noted.append(number)) for number in SIGNALS}
    yield noted
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_interrupts(handlers, number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), Interruption():
        send(number)
    assert signal.getsignal(number) is before and not handlers
    send(number)
    assert handlers == [number]


def test_what_is_deferred_is_done_first():
    done = []
    with pytest.raises(KeyboardInterrupt), Interruption() as interruption:
        with interruption.deferred():
            done.append(1)
        with interruption.deferred():
            send()
            done.append(2)
        done.append(3)
    assert done == [1, 2]


def test_an_interruption_is_raised_once():
    done = []
    with Interruption() as interruption:
        with pytest.raises(KeyboardInterrupt), interruption.deferred():
            send()
        assert not interruption.has_come
        with interruption.deferred():
            done.append(1)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
    assert done == [1]


def test_while_it_is_held_nothing_is_interrupted():
    done = []
    with pytest.raises(KeyError), Interruption() as interruption:
        try:
            raise KeyError
        finally:
            interruption.hold()
            assert not interruption.has_come
            send()
            send(signal.SIGINT)
            done.append(interruption.has_come)
    assert done == [True]
    with pytest.raises(KeyboardInterrupt), Interruption() as interruption:
        interruption.hold()
        send()
        done.append("to the end")
    assert done == [True, "to the end"]


def test_an_error_is_not_hidden_by_a_deferred_interruption():
    with pytest.raises(KeyError), Interruption() as interruption, interruption.deferred():
        send()
        raise KeyError


def test_ignored_signals_stay_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interruption():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        send(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_other_threads_leave_signals_alone():
    found = []

    def look():
        with Interruption() as interruption, interruption.deferred():
            found.extend(signal.getsignal(number) for number in SIGNALS)

    expected = [signal.getsignal(number) for number in SIGNALS]
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == expected
