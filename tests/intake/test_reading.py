"""Whatever form a table comes in, the same rows come out, or the person reads why not."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.errors import NotRecognised, UnreadableFile
from tests.intake.front import bring, bring_text, memory
from tests.realdata import realdata

HEADER = ["customer_id", "name", "city"]
PEOPLE = [["1", "Müller, Jörg", "Köln"], ["2", "Zoë", "Zürich"]]


def expect_people(rows: list[dict[str, Any]]) -> None:
    assert [[r[h] for h in HEADER] for r in rows] == PEOPLE


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_will_do(tmp_path: Path, delimiter: str) -> None:
    rows = [HEADER, *[[f'"{c}"' for c in r] for r in PEOPLE]]
    expect_people(bring_text(tmp_path, "\r\n".join(delimiter.join(r) for r in rows)).tables["customers"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_encoding_will_do(tmp_path: Path, encoding: str) -> None:
    text = "customer_id;name;city\n1;Müller, Jörg;Köln\n2;Zoë;Zürich\n"
    expect_people(bring_text(tmp_path, text.encode(encoding)).tables["customers"])


@pytest.mark.parametrize(("encoding", "names"), [
    ("cp1251", ["Мария Иванова", "Пётр Сидоров", "Ольга"]),
    ("cp1256", ["محمد علي", "فاطمة الزهراء", "عبد الرحمن"]),
    ("cp1252", ["José Peña", "Françoise Lefèvre", "Øyvind Åsen"]),
])
def test_the_script_tells_which_windows_encoding_it_is(tmp_path: Path, encoding: str, names: list[str]) -> None:
    rows = "\n".join(f"{i},{n}" for i, n in enumerate(names))
    found = bring_text(tmp_path, f"customer_id,name\n{rows}\n".encode(encoding))
    assert found.column("customers", "name") == names


def test_a_line_break_in_quotes_is_part_of_the_cell(tmp_path: Path) -> None:
    found = bring_text(tmp_path, 'customer_id,name,street\n1,A,"Main St 1\nBack door"\n2,"B ""the"" B",X\n')
    assert found.column("customers", "street") == ["Main St 1\nBack door", "X"]
    assert found.column("customers", "name") == ["A", 'B "the" B']


def test_a_row_of_another_width_is_refused_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    found = bring_text(tmp_path, 'customer_id,name,city\n1,"A\nA",X\n2,B\n3,C,Y,extra\n4,D,Z\n')
    assert found.column("customers", "customer_id") == ["1", "4"]
    assert found.refused == [(2, "line 4 has 2 cells where the header names 3"),
                             (3, "line 5 has 4 cells where the header names 3")]
    assert found.prepared.rows_read == 4


def test_a_row_that_only_leaves_out_empty_cells_at_its_end_is_taken(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,name,city\n1,A,X\n2,B,\n3,C\n4,D,Z,,\n")
    assert found.column("customers", "city") == ["X", None, None, "Z"]
    assert found.refused == []


def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    rows = "".join(f"{i},name {i},x\n" for i in range(3, 200))
    with pytest.raises(UnreadableFile, match="quote opened on line 3"):
        bring_text(tmp_path, f'customer_id,name,city\n1,A,X\n2,"B,Y\n{rows}')


@pytest.mark.parametrize(("text", "line"), [
    ('1,A,X\n2,B,"Y\n3,C,Z\n4,D,Z\n', 3), ('1,A,X\n2,"B,Y\n3,C,Z\n', 3), ('1,A,X\r\n2,B,"Y\r\n3,C,Z', 3),
    ('1,A,X\n2,"B\nB",Y\n3,C,"Z\n', 5), ('1,A,X\n2,B,"', 3), ('"1,A,X\n', 2), ('1,A,X\n2,"B\n""B"",Y\n3,C,Z', 3),
])
def test_a_quote_left_open_to_the_end_swallows_no_row(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UnreadableFile, match=f"a quote opened on line {line} is never closed"):
        bring_text(tmp_path, "customer_id,name,city\n" + text)


def test_a_long_cell_in_quotes_at_the_end_is_a_cell(tmp_path: Path) -> None:
    note = "\n".join("abcdefgh")
    assert bring_text(tmp_path, f'customer_id,name\n1,A\n2,"{note}"').column("customers", "name") == ["A", note]


def test_empty_rows_are_no_rows(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "customer_id,name\n\n1,A\n,\n2,B\n\n")
    assert found.column("customers", "name") == ["A", "B"]


def test_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "Customers of our shop\n\ncustomer_id,name,city\n1,A,X\n2,B,Y\n")
    assert found.column("customers", "name") == ["A", "B"]


def test_a_file_that_declares_its_delimiter_is_believed(tmp_path: Path) -> None:
    assert bring_text(tmp_path, "sep=;\ncustomer_id;name\n1;A\n").column("customers", "name") == ["A"]


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    found = bring_text(tmp_path, gzip.compress(b"customer_id,name\n1,A\n"), name="people.csv.gz")
    assert found.prepared.file_name == "people.csv"
    assert found.column("customers", "name") == ["A"]


def test_a_zip_gives_each_of_its_tables_and_passes_over_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/customers.csv", "customer_id,name\n1,A\n")
        archive.writestr("export/orders.csv", "order_id,customer_id,at,total\n7,1,2026-01-02,9.50\n")
        archive.writestr("__MACOSX/._orders.csv", "x")
        archive.writestr("readme.pdf", "x")
    found = bring(path)
    assert [(s.prepared.file_name, s.prepared.recognised_as) for s in found] == [
        ("customers.csv", "plain-customers"), ("orders.csv", "plain-orders")]


def test_json_lines_are_read_and_what_is_nested_becomes_properties(tmp_path: Path) -> None:
    rows = [{"event_id": "e1", "customer_id": "c1", "at": "2026-01-02T10:00:00Z", "name": "Trial Started",
             "properties": {"plan": "pro", "seats": 3}}]
    found = bring_text(tmp_path, "\n".join(json.dumps(r) for r in rows), name="events.jsonl")
    event = found.one("events")
    assert (event["name"], json.loads(event["properties"])) == ("Trial Started", {"plan": "pro", "seats": 3})
    assert {(f.table, f.name, f.type.value) for f in found.prepared.own_fields} == {
        ("events", "plan", "text"), ("events", "seats", "whole number")}


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table({"customer_id": [1, 2], "name": ["A", "B"], "birth_date": pa.array([0, 365], pa.date32()),
                      "tags": [["x", "y"], None]})
    pq.write_table(table, tmp_path / "people.parquet")
    found = bring(tmp_path / "people.parquet")[0]
    assert found.column("customers", "customer_id") == ["1", "2"]
    assert [d.year for d in found.column("customers", "birth_date")] == [1970, 1971]
    assert found.column("customers", "tags") == [["x", "y"], None]


WORKBOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="Orders" sheetId="1" r:id="r1"/></sheets></workbook>"""
SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>order_id</t></is></c><c r="B1" t="inlineStr"><is><t>customer_id</t></is></c>
<c r="C1" t="inlineStr"><is><t>at</t></is></c><c r="D1" t="inlineStr"><is><t>total</t></is></c></row>
<row r="2"><c r="A2"><v>1001</v></c><c r="B2" t="inlineStr"><is><t>c1</t></is></c><c r="C2"><v>45000.5</v></c>
<c r="D2"><v>19.99</v></c></row></sheetData></worksheet>"""


def write_workbook(path: Path) -> None:
    """The smallest workbook there is, so that no writer is needed."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{packages}/content-types"/>')
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r0" '
                         f'Type="{kinds}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{packages}/relationships"><Relationship '
                         f'Id="r1" Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        archive.writestr("xl/worksheets/sheet1.xml", SHEET)


def test_a_workbook_gives_its_sheets_and_its_serial_dates_are_dates(tmp_path: Path) -> None:
    write_workbook(tmp_path / "shop.xlsx")
    found = bring(tmp_path / "shop.xlsx")[0]
    order = found.one("orders")
    assert found.prepared.file_name == "shop.xlsx/Orders"
    assert (order["order_id"], f"{order['at']:%Y-%m-%d %H:%M}", str(order["total"])) == (
        "1001", "2023-03-15 12:00", "19.9900")


def test_a_stray_cell_far_off_does_not_take_all_memory(tmp_path: Path) -> None:
    write_workbook(tmp_path / "shop.xlsx")
    with zipfile.ZipFile(tmp_path / "shop.xlsx") as book, zipfile.ZipFile(tmp_path / "stray.xlsx", "w") as stray:
        for part in book.namelist():
            stray.writestr(part, book.read(part).replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
    with pytest.raises(UnreadableFile, match="16,384 columns and 1,048,576 rows"):
        bring(tmp_path / "stray.xlsx")


@pytest.mark.parametrize(("content", "name", "error", "says"), [
    (b"", "empty.csv", NotRecognised, "empty.csv is empty"),
    (b"\n \n", "blank.csv", NotRecognised, "blank.csv is empty"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "photo.csv", UnreadableFile, "photo.csv"),
    (b"\x1f\x8b\x08broken", "people.csv.gz", UnreadableFile, "damaged gzip"),
    (b"PK\x03\x04broken", "people.zip", UnreadableFile, "damaged zip"),
    (b'{"a":1}\n{"a":', "rows.jsonl", UnreadableFile, "rows.jsonl cannot be read"),
    (b"SQLite format 3\0", "shop.sqlite", UnreadableFile, "SQLite database"),
    (b"PAR1broken", "rows.parquet", UnreadableFile, "rows.parquet cannot be read"),
    (b"1,2,3\n4,5,6\n", "numbers.csv", NotRecognised, "no header: which column is what"),
])
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes, name: str, error: type[Exception],
                                                says: str) -> None:
    with pytest.raises(error, match=says):
        bring_text(tmp_path, content, name=name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"no file .*lost\.csv"):
        bring(tmp_path / "lost.csv")


def test_a_file_without_a_header_is_read_once_its_columns_are_named(tmp_path: Path) -> None:
    found = bring_text(tmp_path, "17,20260102,9.50\n18,20260103,3.25\n", as_="orders", mapping={
        "Column 1": "customer_id", "Column 2": "at", "Column 3": "total"})
    assert found.column("orders", "customer_id") == ["17", "18"]
    assert [str(t) for t in found.column("orders", "total")] == ["9.5000", "3.2500"]


def test_nothing_is_left_in_the_engine(tmp_path: Path) -> None:
    with memory() as engine:
        before = engine.rows("SELECT table_name FROM duckdb_tables()")
        bring(realdata("cdnow/CDNOW_master.txt.gz"), engine=engine)
        (tmp_path / "bad.csv").write_text("customer_id,at,total\n1,01/02/2026,3\n")
        with pytest.raises(Exception, match="day first or the month"):
            bring(tmp_path / "bad.csv", engine=engine)
        assert engine.rows("SELECT table_name FROM duckdb_tables()") == before
        assert engine.rows("SELECT 1 FROM duckdb_views() WHERE temporary AND NOT internal") == []


STOPPED = """
import sys
from pathlib import Path
from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.prepare import prepare
from regulars.model.settings import Settings
engine = DuckDBEngine.open(":memory:")
print("ready", flush=True)
try:
    for found in prepare(engine, Path(sys.argv[1]), Settings(), progress=lambda p: None):
        print("finished", flush=True)
except KeyboardInterrupt:
    print("stopped", len(engine.rows("SELECT 1 FROM duckdb_tables()")), flush=True)
"""


def test_ctrl_c_stops_in_the_middle_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with path.open("w") as out:
        out.write("order_id,customer_id,at,total\n")
        block = "".join(f"{i},c{i},2026-01-02 10:00:00,12.50\n" for i in range(10_000))
        for _ in range(200):
            out.write(block)
    run = subprocess.Popen([sys.executable, "-c", STOPPED, str(path)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(0.4)
    run.send_signal(signal.SIGINT)
    assert run.communicate(timeout=30)[0] == "stopped 0\n"
