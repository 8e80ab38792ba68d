"""Whose turn it is: a place is given back once, also where it was given back early."""

import asyncio

import pytest

from slimdesk.operations import variant_turns
from slimdesk.operations.variant_turns import Turn, sensible_at_once


@pytest.mark.parametrize(("processors", "at_once"), [(None, 2), (1, 2), (2, 2), (6, 3), (8, 4), (64, 4)])
def test_a_sensible_number_at_once(monkeypatch, processors, at_once):
    monkeypatch.setattr(variant_turns.os, "cpu_count", lambda: processors)
    assert sensible_at_once() == at_once


async def test_a_place_that_is_given_back_early_is_not_given_back_twice():
    places = asyncio.Semaphore(1)
    turn = Turn(places)
    async with turn:
        assert places.locked()
        turn.end()
        assert not places.locked()
        turn.end()
    async with places:
        assert places.locked()
    assert not places.locked()


async def test_a_place_is_given_back_where_the_work_fails():
    places = asyncio.Semaphore(1)
    with pytest.raises(ZeroDivisionError):
        async with Turn(places):
            raise ZeroDivisionError
    assert not places.locked()
