"""A column of text that is asked for several sets of texts in one pass says the same as asked alone; by hand."""

from __future__ import annotations

from regulars.rules import When, parse
from tests.rules.world import NOON, UTC_ZONE, World

CHANNELS = ("Store", " store ", "ONLINE", "phone", None, "stör")


def _orders(world: World) -> None:
    """One customer a channel, named by its place in `CHANNELS`."""
    world.people(*map(str, range(len(CHANNELS))))
    world.put("orders", *({"order_id": f"o{i}", "customer_id": str(i), "at": NOON, "channel": channel}
                          for i, channel in enumerate(CHANNELS)))


def _together(world: World, *wheres: str) -> list[str]:
    rules = {where: parse(f"any(orders where {where})") for where in wheres}
    answers = world.answers(rules, When(NOON, UTC_ZONE))
    return [" ".join(answers[where]) for where in wheres]


def test_texts_asked_together_are_told_apart(world: World) -> None:
    _orders(world)
    assert _together(world, "channel = 'STORE'", "channel in ('online', 'phone')", "channel = 'fax'",
                     "channel = 'ST\u00d6R'") == ["0 1", "2 3", "", "5"]


def test_unknown_is_neither_one_of_them_nor_another(world: World) -> None:
    _orders(world)
    assert _together(world, "channel = 'store'", "channel = 'online'", "not channel = 'store'", "channel != 'store'",
                     "channel not in ('store', 'online')", "not (channel in ('store', 'online'))") == [
        "0 1", "2", "2 3 4 5", "2 3 5", "3 5", "3 4 5"]


def test_more_texts_than_a_byte_numbers(world: World) -> None:
    _orders(world)
    many = ", ".join(f"'kind {i}'" for i in range(MANY))
    assert _together(world, f"channel in ({many}, 'phone')", "channel = 'store'") == ["3", "0 1"]


MANY = 200


def test_types_of_messages_are_read_without_regard_to_case(world: World) -> None:
    world.people("a", "b", "c")
    world.put("messages", {"message_id": "1", "customer_id": "a", "at": NOON, "type": "Opened"},
              {"message_id": "2", "customer_id": "b", "at": NOON, "type": "clicked"},
              {"message_id": "3", "customer_id": "c", "at": NOON, "type": None})
    assert world.who("any(opens)") == "a"
    assert world.who("any(engagements)") == "a b"
    assert world.who("no(clicks) and any(messages)") == "a c"
    assert world.who("favourite(engagements.type) = 'opened'") == "a"
