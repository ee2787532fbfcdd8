"""Bringing files in through the browser: hand over, see, choose, take, receipt, mend, take back."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from regulars.app.bring_in.models import ASKING, READY, REFUSED, TAKEN, UNREADABLE, Upload
from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.jobs import running
from regulars.app.jobs.models import DONE, FAILED, RUNNING, STOPPED, Job
from regulars.shop import Shop
from tests.app.conftest import SignedIn

ORDERS = ("order_id,customer_id,at,status,channel,total\n"
          "Z1,C1,2026-11-20 10:00,paid,online,40.00\nZ2,C9,2026-11-21 10:00,paid,store,5.50\n")
EITHER = "order,date,customer email,amount\nX1,05/10/2026,ada@example.com,3.00\nX2,06/10/2026,new@example.com,4.50\n"


def words(answer: HttpResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def hand_over(client: Client, *files: tuple[str, str | bytes]) -> HttpResponse:
    sent = [SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text) for name, text in files]
    return client.post("/bring-in/hand-over/", {"dropped": sent})


def take(client: Client, upload: Upload, **said: str) -> Upload:
    client.post(f"/bring-in/files/{upload.pk}/take/", said)
    running.drive()
    return Upload.objects.get(pk=upload.pk)


def test_nothing_is_imported_before_it_is_asked_for(shop: Shop, owner: Client) -> None:
    before = shop.check().counts
    hand_over(owner, ("orders.csv", ORDERS), ("customers.csv", "customer_id,name\nC9,Zoë\n"))
    assert [(u.name, u.state) for u in Upload.objects.order_by("id")] == [
        ("orders.csv", READY), ("customers.csv", READY)]
    page = words(owner.get("/bring-in/"))
    assert "Table of orders 2 rows" in page and "Table of customers 1 row" in page and "Bring in 2 files" in page
    assert shop.check().counts == before


def test_taking_all_ends_in_receipts_and_looks_at_segments_again(shop: Shop, owner: Client) -> None:
    shop.segments.add("Big", "sum(orders.total) >= 240", now=shop.moment())
    hand_over(owner, ("orders.csv", ORDERS), ("customers.csv", "customer_id,name\nC9,Zoë\n"))
    owner.post("/bring-in/take-all/")
    running.drive()
    assert {u.state for u in Upload.objects.all()} == {TAKEN}
    assert shop.segments.get("Big").members == 1
    page = words(owner.get("/bring-in/"))
    assert "Rows added: 2 · Rows changed: 0 · New customers: 1" in page
    assert "Rows added: 0 · Rows changed: 1 · New customers: 0" in page
    receipt = words(owner.get("/bring-in/receipts/i000003/"))
    assert "Rows added 2" in receipt and "orders €45.50 €45.50" in receipt
    assert not any(path.is_file() for path in (shop.folder / "uploads").rglob("*"))


def test_lines_are_taken_after_the_orders_they_are_of(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("lines.csv", "order_id,product_name,quantity,unit_price\nN1,Mug,2,5.00\n"),
              ("orders.csv", "order_id,date,customer_id,total\nN1,2026-11-20,C1,10.00\n"))
    owner.post("/bring-in/take-all/")
    running.drive()
    assert [receipt.file_name for receipt in shop.imports.receipts()[:2]] == ["lines.csv", "orders.csv"]
    assert "no date" not in words(owner.get(f"/bring-in/receipts/{shop.imports.receipts()[0].import_id}/"))


def test_the_same_file_twice_adds_nothing(shop: Shop, owner: Client) -> None:
    for _ in range(2):
        hand_over(owner, ("orders.csv", ORDERS))
        take(owner, Upload.objects.first() or pytest.fail("nothing was kept"))
    first, second = shop.imports.receipts()[1], shop.imports.receipts()[0]
    assert (first.tables["orders"].added, second.added, second.tables["orders"].unchanged) == (2, 0, 2)


def test_an_open_question_is_asked_and_its_answer_remembered(shop: Shop, owner: Client) -> None:
    answer = hand_over(owner, ("sales.csv", EITHER))
    upload = Upload.objects.get()
    assert (answer.headers["location"], upload.state) == (f"/bring-in/files/{upload.pk}/", ASKING)
    page = owner.get(f"/bring-in/files/{upload.pk}/")
    assert "How is “date” written? It has 05/10/2026" in words(page)
    owner.post(f"/bring-in/files/{upload.pk}/", {"table": "0", "0-as_": "", "0-answer": "day-first"})
    assert Upload.objects.get().state == READY
    take(owner, upload)
    found = shop.engine.rows("SELECT timezone('Europe/Amsterdam', timezone('UTC', \"at\"))::DATE::VARCHAR FROM orders"
                             " WHERE order_id LIKE 'X%' ORDER BY 1")
    assert found == [("2026-10-05",), ("2026-10-06",)]
    hand_over(owner, ("more.csv", EITHER.replace("X1", "X3").replace("X2", "X4")))
    assert Upload.objects.order_by("id").last().state == READY  # type: ignore[union-attr]


def test_a_column_is_what_the_person_says(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("orders.csv", ORDERS))
    upload = Upload.objects.get()
    fields = {f"0-field_{i}": c.field for i, c in enumerate(upload.tables[0].columns)}
    said = fields | {"table": "0", "0-as_": "", "0-field_4": "orders.promo_code"}
    assert owner.post(f"/bring-in/files/{upload.pk}/", said).status_code == 302
    column = Upload.objects.get().tables[0].columns[4]
    assert (column.header, column.field, column.chosen) == ("channel", "orders.promo_code", True)
    take(owner, upload)
    assert shop.engine.rows("SELECT promo_code, channel FROM orders WHERE order_id = 'Z1'") == [("online", None)]
    hand_over(owner, ("again.csv", ORDERS))
    again = Upload.objects.order_by("id").last()
    assert again is not None and again.tables[0].columns[4].field == "orders.promo_code"
    owner.post(f"/bring-in/files/{again.pk}/", {"table": "0", "forget": "1"})
    assert Upload.objects.get(pk=again.pk).tables[0].columns[4].field == "orders.channel"


def test_a_table_nobody_knows_is_said_by_the_person(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("odd.csv", "foo,bar\nZoë,Utrecht\n"))
    upload = Upload.objects.get()
    assert upload.state == ASKING and "cannot be told" in words(owner.get(f"/bring-in/files/{upload.pk}/"))
    owner.post(f"/bring-in/files/{upload.pk}/", {"table": "0", "0-as_": "customers"})
    owner.post(f"/bring-in/files/{upload.pk}/", {"table": "0", "0-as_": "customers", "0-field_0": "customers.name",
                                                "0-field_1": "customers.city"})
    take(owner, upload)
    assert shop.engine.rows("SELECT name FROM customers WHERE city = 'Utrecht' AND name = 'Zoë'") == [("Zoë",)]


def test_refused_rows_are_taken_out_mended_and_brought_in(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("orders.csv", ORDERS + "Z3,C2,not a day,paid,online,1.00\n"))
    upload = Upload.objects.get()
    assert "1 cannot be used" in words(owner.get("/bring-in/"))
    upload = take(owner, upload)
    assert (upload.state, upload.job and upload.job.state) == (REFUSED, FAILED)
    assert not shop.engine.rows("SELECT 1 FROM orders WHERE order_id LIKE 'Z%'")
    assert "1 of 3 rows cannot be used, so nothing was imported." in words(owner.get("/bring-in/"))
    mend = owner.get(f"/bring-in/files/{upload.pk}/refused/").getvalue().decode()
    assert mend.splitlines()[1].startswith("Z3,C2,not a day,paid,online,1.00,at: not a day is no date")
    assert Entry.objects.filter(what="rows.refused_taken_out").count() == 1
    assert take(owner, upload, good_rows="1").state == TAKEN
    hand_over(owner, ("mend.csv", mend.replace("not a day", "2026-11-22")))
    assert take(owner, Upload.objects.first() or upload).state == TAKEN
    assert shop.engine.value("SELECT count(*) FROM orders WHERE order_id LIKE 'Z%'") == 3


def test_an_import_is_taken_back_with_memberships(shop: Shop, owner: Client) -> None:
    shop.segments.add("Store", "any(orders where channel = 'store')", now=shop.moment())
    shop.segments.add("No store", "no(orders where channel = 'store')", now=shop.moment())
    shop.segments.refresh(shop.moment())
    everything = {t: sorted(map(repr, shop.engine.rows(f"SELECT * FROM {t}"))) for t in (
        "customers", "orders", "lines", "identities", "memberships")}
    hand_over(owner, ("orders.csv", ORDERS + "Z3,C3,2026-11-21 12:00,paid,store,1.00\n"))
    take(owner, Upload.objects.get())
    assert shop.segments.get("Store").members == 3
    owner.post("/bring-in/receipts/i000003/undo/")
    running.drive()
    assert not Job.objects.exclude(state=DONE).exists()
    assert {t: sorted(map(repr, shop.engine.rows(f"SELECT * FROM {t}"))) for t in everything} == everything
    assert "This import was taken back" in words(owner.get("/bring-in/receipts/i000003/"))
    assert "taken back Receipt" in words(owner.get("/bring-in/"))


@pytest.mark.parametrize("name, content", [
    ("empty.csv", ""), ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9), ("torn.zip", b"PK\x03\x04torn")])
def test_what_is_no_table_is_said_to_be_none(shop: Shop, owner: Client, name: str, content: str | bytes) -> None:
    hand_over(owner, (name, content))
    upload = Upload.objects.get()
    assert upload.state == UNREADABLE and upload.wrong
    assert owner.get("/bring-in/").status_code == owner.get(f"/bring-in/files/{upload.pk}/").status_code == 200
    owner.post(f"/bring-in/files/{upload.pk}/give-up/")
    assert not Upload.objects.exists() and not list((shop.folder / "uploads").iterdir())


@pytest.mark.parametrize("name, kept", [
    ("../../shop.toml", "shop.toml"), ("a\nb.csv", "ab.csv"), ("٣".join("x" * 200) + ".csv", None)])
def test_a_name_stays_within_its_folder(shop: Shop, owner: Client, name: str, kept: str | None) -> None:
    hand_over(owner, (name, ORDERS))
    upload = Upload.objects.get()
    assert upload.path.is_file() and upload.path.parent.parent == shop.folder / "uploads"
    assert kept in (None, upload.name) and len(upload.name.encode()) <= 120


def test_a_killed_import_is_taken_up_and_brings_each_row_once(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("orders.csv", ORDERS))
    upload = Upload.objects.get()
    owner.post(f"/bring-in/files/{upload.pk}/take/")
    shop.import_file(upload.path)  # the process was killed after the facts were written, before the job's row was
    Job.objects.update(state=RUNNING, leased_until=timezone.now() - timedelta(seconds=1), tries=1)
    running.drive()
    upload.refresh_from_db()
    assert upload.state == TAKEN
    assert shop.engine.value("SELECT count(*) FROM orders WHERE order_id LIKE 'Z%'") == 2


def test_it_is_stopped_before_it_begins(shop: Shop, owner: Client) -> None:
    hand_over(owner, ("orders.csv", ORDERS))
    upload = Upload.objects.get()
    owner.post(f"/bring-in/files/{upload.pk}/take/")
    assert "Waiting" in words(owner.get(f"/bring-in/files/{upload.pk}/card/"))
    owner.post(f"/bring-in/files/{upload.pk}/stop/")
    running.drive()
    upload.refresh_from_db()
    assert (Job.objects.get().state, upload.state) == (STOPPED, READY)
    assert not shop.engine.rows("SELECT 1 FROM orders WHERE order_id LIKE 'Z%'")


def test_demo_data_goes_into_an_empty_shop_only(shop: Shop, owner: Client) -> None:
    assert owner.post("/bring-in/demo/").status_code == 409
    assert not Job.objects.exists()


@pytest.mark.parametrize("address", ["hand-over/", "take-all/", "demo/", "files/1/take/", "files/1/give-up/",
                                     "files/1/stop/", "receipts/i000001/undo/"])
def test_a_viewer_brings_nothing_in(shop: Shop, as_: SignedIn, address: str) -> None:
    viewer = as_(roles.VIEWER)
    assert viewer.get("/bring-in/").status_code == 200
    assert viewer.post(f"/bring-in/{address}").status_code == 403
    assert not Job.objects.exists() and not Upload.objects.exists()


def test_a_viewer_takes_no_refused_rows_out(shop: Shop, owner: Client, as_: SignedIn) -> None:
    hand_over(owner, ("orders.csv", ORDERS + "Z3,C2,not a day,paid,online,1.00\n"))
    upload = take(owner, Upload.objects.get())
    assert as_(roles.VIEWER).get(f"/bring-in/files/{upload.pk}/refused/").status_code == 403
    assert as_(roles.HELPER).get(f"/bring-in/files/{upload.pk}/refused/").status_code == 200


def test_a_real_export_is_recognised(shop: Shop, owner: Client) -> None:
    exports = Path(__file__).resolve().parents[2] / "data" / "exports"
    file = sorted((exports / "shopify_orders").glob("*.csv"))[0]
    hand_over(owner, (file.name, file.read_bytes()))
    assert "Shopify: orders" in words(owner.get("/bring-in/"))


def test_a_file_without_a_header_is_named_in_the_browser(shop: Shop, owner: Client) -> None:
    rows = "".join(f"Z{i},C1,2026-11-{i + 1:02},paid,{10 + i}.50\n" for i in range(12))
    owner.post("/bring-in/hand-over/", {"dropped": SimpleUploadedFile("till.txt", rows.encode())})
    upload = Upload.objects.get()
    assert "Say what each column is" in words(owner.get(f"/bring-in/files/{upload.pk}/"))
    page = f"/bring-in/files/{upload.pk}/columns/"
    assert "This file names no columns" in words(owner.get(page))
    assert "Z0 · Z1 · Z2" in words(owner.get(page, {"as": "orders"}))
    twice = {"field_0": "orders.order_id", "field_1": "orders.order_id"}
    assert "each field once" in words(owner.post(f"{page}?as=orders", twice))
    said = {"field_0": "orders.order_id", "field_1": "customers.customer_id", "field_2": "orders.at",
            "field_3": "orders.status", "field_4": "orders.total"}
    assert owner.post(f"{page}?as=orders", said).status_code == 302
    upload.refresh_from_db()
    assert (upload.name, upload.state, upload.tables[0].rows) == ("till.csv", READY, 12)
    owner.post(f"/bring-in/files/{upload.pk}/take/")
    running.drive()
    assert shop.count("customer_id = 'C1' and count(orders) = 22 and sum(orders.total) = 392") == 1
    assert owner.get(page).headers["location"] == f"/bring-in/files/{upload.pk}/"


def test_whoever_only_looks_names_nothing(shop: Shop, owner: Client, as_: SignedIn) -> None:
    owner.post("/bring-in/hand-over/", {"dropped": SimpleUploadedFile("x.csv", b"Z1,5\nZ2,6\n")})
    assert as_(roles.VIEWER).get(f"/bring-in/files/{Upload.objects.get().pk}/columns/").status_code == 403
