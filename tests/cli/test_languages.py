"""People, receipts and explanations in the shop's language, or in the one that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.cli.printing import clean, spoken
from tests.cli.conftest import Line

AT = ("--as-of", "2026-11-22T13:00")
FUTURE = "order_id,customer_id,date,total\nZ1,C1,2031-05-20,10.00\nZ2,C1,2031-05-21,1234.50\n"


@pytest.mark.parametrize(("language", "said"), [
    ("en", "True of C2 Bram de Wit, as of 22 Nov 2026 13:00:"), ("id", "Benar untuk C2 Bram de Wit, per 22 Nov 2026"),
    ("ru", "Верно для C2 Bram de Wit, на 22 нояб. 2026 13:00:"), ("ur", "پر درست ہے، بوقت 22 نومبر 2026 13:00:")])
def test_an_explanation_is_whole_in_one_language(shop: Line, language: str, said: str) -> None:
    told = shop("segment", "explain", "any(orders in last 30 days)", "--customer", "C2", "--lang", language, *AT).out
    assert said in told
    assert language == "en" or not {"since", "value", "true", "time"} & set(told.split())


def test_the_next_change_is_said_in_russian(shop: Line) -> None:
    told = shop("segment", "explain", "any(orders in last 30 days)", "--customer", "C2", "--lang", "ru", *AT).lines
    assert told[1].split() == ["✓", "верно", "Есть", "заказы", "за", "последние", "30", "дней"]
    assert told[2].strip() == ("значение: 1; с 15 нояб. 2026 15:30; со временем станет неверно: 15 дек. 2026 15:30")


def test_a_customer_is_shown_in_indonesian(shop: Line) -> None:
    told = shop("customers", "show", "C2", "--lang", "id", *AT).out
    assert "1 pesanan, €35,50, terakhir 15 Nov 2026 15:30, per 22 Nov 2026 13:00" in told
    assert "dikenal dari" in told and "saluran" in told
    assert shop("customers", "find", "bram", "--lang", "ru").lines[0].split() == [
        "клиент", "имя", "город", "заказы", "потрачено", "последний", "заказ"]
    assert shop("customers", "find", "zz", "--lang", "ru").out.startswith("'zz' нет ни в одном имени")


def test_a_receipt_and_its_findings_are_said_in_any_language_at_any_time(shop: Line, tmp_path: Path) -> None:
    file = tmp_path / "later.csv"
    file.write_text(FUTURE)
    first = shop("import", file, "--as", "orders", "--lang", "ru")
    assert first.code == 0, first.err
    assert "2 прочитано = 2 принято" in first.out and "У 2 заказов дата в будущем." in first.out
    assert "Например, Z2: 21 мая 2031 00:00." in first.out
    kept = shop("imports", "list", "--json").json[0]
    assert kept["findings"][0]["what"] == "2 orders have a date in the future."
    again = shop("imports", "show", kept["import_id"], "--lang", "id").out
    assert "2 pesanan bertanggal di masa depan." in again
    assert "2 orders have a date in the future." in shop("imports", "show", kept["import_id"]).out


def test_a_persons_text_stays_apart_in_a_sentence_written_from_the_right(shop: Line) -> None:
    told = shop("segment", "explain", "city = 'Utrecht'", "--lang", "ur").out
    assert "\u2068Utrecht\u2069" in told and "\N{REPLACEMENT CHARACTER}" not in told
    hostile = shop("segment", "explain", "city = 'a\u2069\u202eb'", "--lang", "ur").out
    assert "\u2068ab\u2069" in hostile and "\u202e" not in hostile


def test_signs_of_direction_stay_only_where_they_pair() -> None:
    assert spoken("a \u2068b\u2069 c") == "a \u2068b\u2069 c"
    for text in ("a \u2069b\u2068", "\u2068", "x\u2069", "\u2068\u2068a\u2069", "\u2066a\u2069"):
        assert spoken(text) == clean(text)
    assert spoken("\u2068\x1b[2J\u2069") == "\u2068\N{REPLACEMENT CHARACTER}[2J\u2069"
