"""Other programs are told who entered and left: signed, in order, until they have it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from django.utils import timezone

from regulars.app.api import keys
from regulars.app.customers.forgetting import forget
from regulars.app.facts import facts
from regulars.app.live import connections, sending
from regulars.app.live.models import DEAD, SENT, WAITING, Delivery
from regulars.errors import Refused, UnknownName
from regulars.model.settings import FILE, dump
from regulars.outreach.channels import posting
from regulars.segments import changes
from regulars.shop import Shop

AT = datetime(2026, 11, 22, 12)


class Receiver:
    """Another program: what it was sent, and what it answers next (200 once that is used up)."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heads = {k.lower(): v for k, v in self.headers.items()}
                receiver.got.append(({**heads, "body": body.decode()}, json.loads(body)))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/told"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> list[tuple[str, str]]:
        return [(said["customer_id"], said["type"]) for _, said in self.got]


def allow_own_network(shop: Shop, *, allowed: bool) -> None:
    (shop.folder / FILE).write_text(dump(replace(facts().shop().settings, webhooks_to_own_network=allowed)))
    facts().reload()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as found:
        yield found


def change(shop: Shop, seq: int, customer: str, what: str, segment: str = "Regulars") -> None:
    shop.engine.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, 'new facts')", [seq, segment, customer, what, AT, AT]
    )


def drive_all(pool: ThreadPoolExecutor) -> None:
    while sending.drive(pool):
        pass


@pytest.fixture
def segment(shop: Shop) -> Shop:
    """Receivers are on this machine, which its owner allows."""
    allow_own_network(shop, allowed=True)
    shop.segments.add("Regulars", "count(orders) >= 2", now=AT)
    return shop


def as_documented() -> Callable[[dict[str, str], bytes, str], bool]:
    """What our own page tells a receiver to check."""
    page = (Path(__file__).parents[3] / "docs/how-to/send-events-in-live.md").read_text()
    found: dict[str, Any] = {}
    exec(page.split("```python")[1].split("```")[0], found)
    return cast(Callable[[dict[str, str], bytes, str], bool], found["is_ours"])


def test_a_change_is_sent_signed_and_once(segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:
    change(segment, 1, "C9", "entered")
    hook = connections.send(receiver.url)
    change(segment, 2, "C1", "entered")
    assert sending.write_down(facts()) == 1 and sending.write_down(facts()) == 0
    drive_all(pool)
    ((heads, said),) = receiver.got
    assert said == {
        "id": f"{hook.pk}-2", "type": "segment.entered", "segment": "Regulars", "customer_id": "C1", "seq": 2,
        "at": "2026-11-22T12:00:00Z", "noticed_at": "2026-11-22T12:00:00Z", "why": "new facts"}  # fmt: skip
    is_ours = as_documented()
    assert heads["webhook-id"] == said["id"] and is_ours(heads, heads["body"].encode(), hook.secret)
    assert not is_ours(heads, heads["body"].encode() + b" ", hook.secret)
    assert Delivery.objects.get().state == SENT


def test_that_a_shop_was_brought_back_is_told_once_to_whom_it_knew(
        segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:  # fmt: skip
    hook = connections.send(receiver.url, ["Regulars"])
    change(segment, 1, "C1", "entered")
    changes.begin_anew(segment.engine, 1000)
    change(segment, 1001, "C2", "entered")
    connections.send("http://127.0.0.1:9/later")
    assert sending.write_down(facts()) == 3 and sending.write_down(facts()) == 0
    drive_all(pool)
    assert sorted(said["seq"] for _, said in receiver.got) == [1, 1000, 1001]
    heads, said = next((heads, said) for heads, said in receiver.got if said["seq"] == 1000)
    assert (said["id"], said["type"], said["after"]) == (f"{hook.pk}-1000", "changes.lost", 1)
    assert as_documented()(heads, heads["body"].encode(), hook.secret)


def test_what_fails_is_sent_again_later_and_the_customers_next_change_waits_for_it(
        segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:  # fmt: skip
    connections.send(receiver.url)
    for seq, customer, what in ((1, "C1", "entered"), (2, "C2", "entered"), (3, "C1", "left")):
        change(segment, seq, customer, what)
    receiver.answers = [500]
    sending.write_down(facts())
    drive_all(pool)
    assert receiver.told() == [("C1", "segment.entered"), ("C2", "segment.entered")]
    waiting = Delivery.objects.get(seq=1)
    assert (waiting.state, waiting.tries, waiting.said) == (WAITING, 1, "500 Internal Server Error")
    assert timedelta(seconds=3) < waiting.due_at - timezone.now() < timedelta(seconds=6)
    Delivery.objects.update(due_at=timezone.now())
    drive_all(pool)
    assert receiver.told()[2:] == [("C1", "segment.entered"), ("C1", "segment.left")]
    assert receiver.got[2][1]["id"] == receiver.got[0][1]["id"]


def test_an_address_that_does_not_answer_holds_up_no_other(
        segment: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    hung, release = connections.send("http://127.0.0.1:9/hung"), threading.Event()
    connections.send(receiver.url)
    for seq in range(1, 21):
        change(segment, seq, f"N{seq}", "entered")

    def post(url: str, *said: Any, **more: Any) -> tuple[int, str]:
        return (0, "hung") if url == hung.url and release.wait(20) else posting.post(url, *said, **more)

    monkeypatch.setattr(sending, "post", post)
    sending.write_down(facts())
    with ThreadPoolExecutor(8) as pool:
        under_way = sending.UnderWay(pool)
        while under_way.begin() and len(receiver.got) < 20:
            under_way.end(5)
        assert Delivery.objects.filter(outgoing=hung, leased_until=None).count() == 16
        release.set()
        under_way.end(everything=True)
    assert len(receiver.got) == 20 and Delivery.objects.filter(outgoing=hung, tries=1).count() == 4


def test_what_fails_again_and_again_is_given_up_and_shown_and_can_be_sent_by_hand(
        segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:  # fmt: skip
    connections.send(receiver.url)
    change(segment, 1, "C1", "entered")
    change(segment, 2, "C1", "left")
    sending.write_down(facts())
    receiver.answers = [503] * 9
    for _ in range(9):
        Delivery.objects.update(due_at=timezone.now())
        sending.drive(pool)
    assert (Delivery.objects.get(seq=1).state, Delivery.objects.get(seq=1).tries) == (DEAD, 9)
    drive_all(pool)
    assert receiver.told()[-1] == ("C1", "segment.left")
    connections.again(Delivery.objects.get(seq=1))
    drive_all(pool)
    assert not Delivery.objects.exclude(state=SENT).exists()


def test_one_that_was_under_way_at_a_kill_is_sent_again(segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor
                                                        ) -> None:  # fmt: skip
    connections.send(receiver.url)
    change(segment, 1, "C1", "entered")
    sending.write_down(facts())
    Delivery.objects.update(leased_until=timezone.now() + timedelta(seconds=30))
    assert sending.drive(pool) == 0
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert sending.drive(pool) == 1 and receiver.told() == [("C1", "segment.entered")]


def test_a_clock_that_is_set_back_by_a_year_holds_nothing_up(
    segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.send(receiver.url)
    change(segment, 1, "C1", "entered")
    change(segment, 2, "C2", "entered")
    receiver.answers = [500]
    sending.write_down(facts())
    drive_all(pool)
    Delivery.objects.filter(seq=2).update(state=WAITING, tries=0, leased_until=timezone.now() + sending.LEASE)
    back = timezone.now() - timedelta(days=365)
    monkeypatch.setattr(timezone, "now", lambda: back)
    assert sending.drive(pool) == 0
    sending.set_right(back)
    assert sending.drive(pool) == 1 and receiver.told()[-1] == ("C2", "segment.entered")
    monkeypatch.setattr(timezone, "now", lambda: back + sending.PAUSES[0])
    drive_all(pool)
    assert receiver.told()[-1] == ("C1", "segment.entered") and not Delivery.objects.exclude(state=SENT).exists()


def test_where_a_segment_is_removed_everybody_in_it_leaves(
        segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:  # fmt: skip
    segment.segments.refresh(AT)
    inside = segment.segments.members("Regulars").column("customer_id").to_pylist()
    connections.send(receiver.url, ["Regulars"])
    segment.segments.remove("Regulars", now=AT + timedelta(days=1))
    sending.write_down(facts())
    drive_all(pool)
    assert inside and sorted(receiver.told()) == [(who, "segment.left") for who in inside]
    assert {(said["why"], said["at"]) for _, said in receiver.got} == {("segment removed", "2026-11-23T12:00:00Z")}


def test_of_whoever_is_erased_others_are_told_that_they_left_and_nothing_else(
        segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:  # fmt: skip
    segment.segments.refresh(AT)
    gone = segment.segments.members("Regulars").column("customer_id").to_pylist()[0]
    connections.send(receiver.url)
    change(segment, 1, gone, "entered")
    sending.write_down(facts())
    segment.customers.erase(gone, now=AT + timedelta(days=1))
    sending.write_down(facts())
    forget([gone])
    drive_all(pool)
    assert [(said["type"], said["customer_id"], said["why"]) for _, said in receiver.got] == [
        ("segment.left", gone, "customer erased")
    ]
    assert [c.what for c in changes.since(segment.engine, 0, 10) if c.customer_id == gone] == ["left"]


def test_only_the_segments_it_asked_for_and_nothing_once_withdrawn(segment: Shop, receiver: Receiver,
                                                                    pool: ThreadPoolExecutor) -> None:  # fmt: skip
    hook = connections.send(receiver.url, ["Regulars"])
    change(segment, 1, "C1", "entered", "Others")
    change(segment, 2, "C1", "entered")
    sending.write_down(facts())
    drive_all(pool)
    assert [said["seq"] for _, said in receiver.got] == [2]
    change(segment, 3, "C1", "left")
    connections.withdraw(hook)
    assert sending.write_down(facts()) == 0


def test_an_address_or_segment_that_is_none_is_refused(segment: Shop) -> None:
    for url in (
        "ftp://x.example/",
        "shop.example",
        "javascript:alert(1)",
        "https://",
        "http://h.example/a b",
        "http://h.example/a\tb",
        "http://h.example/\x00",
    ):
        with pytest.raises(Refused, match="https://"):
            connections.send(url)
    with pytest.raises(UnknownName, match="Regulars"):
        connections.send("https://x.example/", ["Regulras"])


def test_nobody_there_is_a_failure_like_any_other(segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor) -> None:
    connections.send("http://127.0.0.1:9/")
    change(segment, 1, "C1", "entered")
    sending.write_down(facts())
    drive_all(pool)
    assert "refused" in Delivery.objects.get().said.lower()


class Odd:
    """A program that is no good receiver: it says these bytes one after another, with pauses of so many seconds."""

    def __init__(self, said: list[bytes], pause: float = 0) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.said, self.pause = said, pause
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self.socket, self.socket.accept()[0] as caller:
            caller.recv(65536)
            try:
                for each in self.said:
                    caller.sendall(each)
                    time.sleep(self.pause)
            except OSError:
                pass  # the other side has gone


@pytest.mark.parametrize("said", [b"HELLO\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
                                  b"HTTP/1.1 500 No\x00\x1b[1mway\r\n\r\n", b""])  # fmt: skip
def test_a_receiver_that_speaks_no_http_fails_alone(segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor,
                                                    said: bytes) -> None:  # fmt: skip
    odd = connections.send(Odd([said]).url)
    connections.send(receiver.url)
    change(segment, 1, "C1", "entered")
    sending.write_down(facts())
    drive_all(pool)
    failed, sent = Delivery.objects.get(outgoing=odd), Delivery.objects.exclude(outgoing=odd).get()
    assert (failed.state, failed.tries, sent.state, len(receiver.got)) == (WAITING, 1, SENT, 1)
    assert failed.said and failed.said.isprintable()


def test_an_address_that_no_request_can_be_made_of_fails_alone(segment: Shop, receiver: Receiver,
                                                               pool: ThreadPoolExecutor) -> None:  # fmt: skip
    odd, _ = connections.send("http://127.0.0.1:9/"), connections.send(receiver.url)
    type(odd).objects.filter(pk=odd.pk).update(url="http://127.0.0.1:9/a b")
    change(segment, 1, "C1", "entered")
    sending.write_down(facts())
    drive_all(pool)
    assert Delivery.objects.get(outgoing=odd).tries == 1 and receiver.told() == [("C1", "segment.entered")]


def test_a_receiver_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "PATIENCE", 0.5)
    dripping = Odd([b"HTTP/1.1 200 OK\r\n", *[b"X"] * 100], pause=0.1)
    began = time.monotonic()
    status, said = posting.post(dripping.url, b"{}", {}, own_network=True)
    assert (status, said) == (0, "timed out") and time.monotonic() - began < 3


def test_changes_are_read_on_from_where_one_was(segment: Shop, client: Any) -> None:
    _, token = keys.make("reader", ["changes:read"])
    for seq in (1, 2, 3):
        change(segment, seq, f"C{seq}", "entered")

    def ask(since: int, **more: Any) -> Any:
        found = client.get("/api/v1/changes", {"since": since, **more}, headers={"authorization": f"Bearer {token}"})
        assert found.status_code == 200
        return found.json()

    assert [c["seq"] for c in ask(0, limit=2)["items"]] == [1, 2] and ask(0, limit=2)["next"] == 2
    assert ask(2)["items"] == [{
        "seq": 3, "segment": "Regulars", "customer_id": "C3", "what": "entered", "at": "2026-11-22T12:00:00Z",
        "noticed_at": "2026-11-22T12:00:00Z", "why": "new facts"}]  # fmt: skip
    assert ask(3) == {"items": [], "next": 3}
    lost = client.get("/api/v1/changes", {"since": 4}, headers={"authorization": f"Bearer {token}"})
    assert (lost.status_code, lost.json()["type"]) == (410, "changes.lost") and "after 3" in lost.json()["detail"]
    _, other = keys.make("other", ["segments:read"])
    assert client.get("/api/v1/changes", headers={"authorization": f"Bearer {other}"}).status_code == 403


@pytest.mark.parametrize("where", [
    "127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1", "fe80::1", "fd00::1",
    "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "224.0.0.1"])  # fmt: skip
def test_addresses_of_the_own_network_are_no_addresses_to_tell(segment: Shop, where: str) -> None:
    allow_own_network(segment, allowed=False)
    assert not posting.is_outside(where)
    with pytest.raises(Refused, match="own network"):
        connections.send(f"https://[{where}]/told" if ":" in where else f"https://{where}/told")


def test_a_name_that_leads_into_the_own_network_is_told_nothing(
    segment: Shop, receiver: Receiver, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_own_network(segment, allowed=False)
    port = receiver.server.server_address[1]
    answers = [[(2, 1, 6, "", ("127.0.0.1", port))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers[0])
    connections.send(f"http://told.example:{port}/told")
    change(segment, 1, "C9", "entered")
    sending.write_down(facts())
    drive_all(pool)
    assert receiver.got == []
    assert "127.0.0.1 is in the shop's own network" in Delivery.objects.get().said


def test_addresses_of_the_internet_may_be_told() -> None:
    assert all(map(posting.is_outside, ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8")))
