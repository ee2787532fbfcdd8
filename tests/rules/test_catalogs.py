"""The catalogs: everything a rule can say is said in every language, with its plural forms and its own word order."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from regulars.rules import parse, vocabulary
from regulars.rules.words import LANGUAGES, messages, sentence

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
SCRIPTS = {"id": re.compile("[a-z]"), "ur": re.compile("[\u0600-\u06ff]"), "ru": re.compile("[\u0400-\u04ff]")}
PLACES = re.compile(r"\{\w+\}")


def catalog(language: str) -> Catalog:
    path = files("regulars.rules").joinpath(f"locale/{language}/LC_MESSAGES/rules.po")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def translations(message: Message) -> list[str]:
    return [message.string or ""] if message.string is None or isinstance(message.string, str) else list(message.string)


def said(rule: str, language: str) -> str:
    """The sentence without its marks of direction, and with plain spaces."""
    text = sentence(parse(rule), language, vocabulary())
    return re.sub("[\u2068\u2069]", "", re.sub("[\u00a0\u202f]", " ", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_doubtful_or_left_over(language: str) -> None:
    known = catalog(language)
    wanted = {(context, message) for context, message, _ in messages()}
    there = {(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in known if m.id}
    assert wanted - there == set()
    assert there - wanted == set()
    assert not known.obsolete
    assert not any(m.fuzzy for m in known if m.id)
    for message in (m for m in known if m.id):
        strings = translations(message)
        assert all(text.strip() for text in strings), message.id
        assert isinstance(message.id, str) or len(strings) == known.num_plurals, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_part_of_a_phrase_has_its_place_in_the_translation(language: str) -> None:
    for message in (m for m in catalog(language) if m.id):
        one, many = (message.id, message.id) if isinstance(message.id, str) else message.id[:2]
        for text in translations(message):
            places = set(PLACES.findall(text))
            assert places <= set(PLACES.findall(many)), (one, text)
            assert set(PLACES.findall(many)) - places <= ({"{n}"} if one != many else set()), (one, text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_written_in_its_own_script(language: str) -> None:
    for message in (m for m in catalog(language) if m.id):
        for text in (PLACES.sub("", each) for each in translations(message)):
            assert SCRIPTS[language].search(text) or not any(c.isalpha() for c in text), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_only_one_exactly_may_be_said_without_its_number(language: str) -> None:
    known = catalog(language)
    for message in (m for m in known if m.id and not isinstance(m.id, str)):
        without = [nth for nth, text in enumerate(translations(message)) if "{n}" not in text]
        assert without in ([], [0])
    if known.num_plurals > 1:
        rules = [said(f"any(orders in last {n} days)", language) for n in (1, 11, 21, 101)]
        assert len(set(rules)) == 4


@pytest.mark.parametrize(("length", "russian"), [
    ("1 day", "за последний день"), ("2 days", "за последние 2 дня"), ("5 days", "за последние 5 дней"),
    ("11 days", "за последние 11 дней"), ("21 days", "за последний 21 день"), ("22 days", "за последние 22 дня"),
    ("112 days", "за последние 112 дней"), ("1.5 days", "за последние 1,5 дня"), ("1 week", "за последнюю неделю"),
    ("31 weeks", "за последнюю 31 неделю"), ("1 year", "за последний год"), ("3 years", "за последние 3 года"),
    ("10 years", "за последние 10 лет")])
def test_russian_counts_days_as_russians_do(length: str, russian: str) -> None:
    assert said(f"any(orders in last {length})", "ru") == f"Есть заказы {russian}"


@pytest.mark.parametrize(("rule", "english", "indonesian", "urdu", "russian"), [
    ("count(orders) >= 10", "The number of orders is at least 10", "Jumlah pesanan minimal 10",
     "آرڈرز کی تعداد کم از کم 10 ہے", "Число заказов не меньше 10"),
    ("any(orders in last 1 month) and no(tickets)", "Has orders in the last month and has no service cases",
     "Memiliki pesanan dalam 1 bulan terakhir dan tidak memiliki keluhan",
     "پچھلے ایک مہینے میں آرڈرز موجود ہیں اور شکایات موجود نہیں ہیں", "Есть заказы за последний месяц и нет обращений"),
    ("last(engagements) between 60 and 90 days ago",
     "The most recent of opens or clicks lies between 60 and 90 days ago",
     "Waktu terakhir pesan yang dibuka atau diklik jatuh antara 60 dan 90 hari lalu",
     "تازہ ترین پیغام کھولنے یا کلک کے واقعات کا وقت 60 سے 90 دن پہلے ہے",
     "Дата последних открытий или переходов — от 60 до 90 дней назад"),
    ("within 25 km of 'Bandung'", "Lives within 25 km of “Bandung”", "Tinggal dalam jarak 25 km dari “Bandung”",
     "”Bandung“ سے 25 کلومیٹر کے اندر رہائش ہے", "Живёт не дальше 25 км от места «Bandung»"),
    ("any(checkouts where completed = false)", "Has started checkouts where completed: no",
     "Memiliki checkout yang dimulai (dengan syarat selesai: tidak)",
     "شروع کیے گئے چیک آؤٹس (جہاں مکمل: نہیں) موجود ہیں", "Есть начатые оформления заказа (где завершено: нет)"),
    ("last(orders) >= 2026-01-01", "The most recent of orders is not before January 1, 2026",
     "Waktu terakhir pesanan tidak sebelum 1 Januari 2026", "تازہ ترین آرڈرز کا وقت 1 جنوری، 2026 سے پہلے نہیں ہے",
     "Дата последних заказов — не раньше 1 января 2026 г."),
    ("stopped(orders for 90 days)", "Has had no orders for the last 90 days, after having had some",
     "Tidak memiliki pesanan selama 90 hari terakhir (sebelumnya ada)", "آرڈرز کا سلسلہ پچھلے 90 دنوں سے بند ہے",
     "Нет заказов за последние 90 дней (раньше были)"),
    ("within 2.5 mi of (1, 2)", "Lives within 2.5 miles of (1, 2)", "Tinggal dalam jarak 2,5 mil dari (1, 2)",
     "(1, 2) سے 2.5 میل کے اندر رہائش ہے", "Живёт не дальше 2,5 мили от места (1, 2)")])
def test_each_language_puts_the_words_in_its_own_order(rule: str, english: str, indonesian: str, urdu: str,
                                                       russian: str) -> None:
    assert [said(rule, language) for language in LANGUAGES] == [english, indonesian, urdu, russian]
