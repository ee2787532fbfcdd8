"""A message as a person gets it: what is true of them, escaped, whole in HTML and in text."""

from __future__ import annotations

import re
import struct
import time
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import settings as trying
from hypothesis import strategies as st

from regulars.errors import ContentRefused
from regulars.insight.common import Result
from regulars.insight.draft.occasions import OCCASIONS
from regulars.model.phrases import phrases
from regulars.model.settings import Settings
from regulars.outreach.campaign import Campaign, Offer, Variant
from regulars.outreach.content import Template, pictures
from regulars.outreach.content.blocks import KINDS, read, to_json
from regulars.outreach.content.domains import Unanswered, look_up
from regulars.outreach.content.fields import fields, given
from regulars.outreach.content.naming import FIELDS
from regulars.outreach.content.preflight import LOOK, STOP, look_at
from regulars.outreach.content.values import own
from regulars.outreach.says import MESSAGE, PRINTED, SPOKEN, WORDS
from regulars.shop import Shop
from regulars.shop.drafting import draft_content, home
from tests.little_shop import NOW

text, _ = phrases("regulars.outreach", "content")
SHOP = Settings(name="Spade & Son")
ADA: dict[str, Any] = {
    "customer": {"first_name": "Ada <b>", "city": "Utrecht"}, "orders": {"count": 5},
    "bought": {"categories": ["Garden"]},
    "products": {"next": [{"name": "Hoe", "price": "€3.00", "link": "https://spade.example/hoe?a=1&b=2"}]},
    "offer": {"code": "SPADE-7"}, "shop": {"name": "Spade & Son"}, "unsubscribe_url": "https://spade.example/out"}


class Seen(HTMLParser):
    """What a reader of the HTML meets: elements, their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def hrefs(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]


def message(*blocks: dict[str, Any], subject: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"language": "en", "subject": subject, "blocks": list(blocks), **more}


def said(text: str, **more: Any) -> dict[str, Any]:
    return message({"kind": "text", "text": text}, **more)


def test_a_mail_says_to_each_what_is_true_of_them() -> None:
    liking = '{% if bought.categories contains "Garden" %}As you like Garden: look here.{% endif %}'
    template = Template(said(f"Hello {{{{ customer.first_name | default: 'you' }}}},\n\n{liking}"), "en", SHOP)
    ada, bram = template.render(ADA), template.render({**ADA, "customer": {}, "bought": {"categories": ["Tools"]}})
    assert "Hello Ada <b>, As you like Garden: look here." in Seen(ada.html).text
    assert ada.text.startswith("Hello Ada <b>,\n\nAs you like Garden: look here.\n\n-- ")
    assert "Hello you," in Seen(bram.html).text and "Garden" not in bram.html + bram.text
    assert bram.html.count("<p ") == ada.html.count("<p ") - 1


def test_every_block_is_in_the_html_and_in_the_text() -> None:
    template = Template(message(
        {"kind": "heading", "text": "Spring & you"}, {"kind": "products", "choose": "next", "text": "For you"},
        {"kind": "picture", "source": "https://spade.example/p.png", "alt": "A \"red\" spade", "width": 300},
        {"kind": "columns", "columns": [[{"kind": "text", "text": "- one\n- **two**"}], [
            {"kind": "button", "text": "Look", "link": "https://spade.example/?x=1&y=2"}]]},
        {"kind": "code", "text": "Your code"}), "en", SHOP)
    made = template.render(ADA)
    seen = Seen(made.html)
    for words in ("Spring & you", "For you Hoe €3.00", "one two", "Look", "Your code SPADE-7",
                  "you agreed to hear from Spade & Son"):
        assert words in seen.text
    assert ("img", "A \"red\" spade") in [(tag, a.get("alt")) for tag, a in seen.elements]
    assert {"https://spade.example/hoe?a=1&b=2", "https://spade.example/?x=1&y=2", "https://spade.example/out"} <= set(
        seen.hrefs())
    assert made.text.split("\n-- \n")[0] == (
        "Spring & you\n\nFor you\n- Hoe, €3.00: https://spade.example/hoe?a=1&b=2\n\n[A \"red\" spade]\n\n"
        "- one\n- two\n\nLook: https://spade.example/?x=1&y=2\n\nYour code SPADE-7\n")
    assert not any(tag.startswith("mj-") for tag, _ in seen.elements) and not made.missing


def test_a_list_without_products_goes_with_its_heading() -> None:
    template = Template(message({"kind": "products", "text": "For you"}, {"kind": "text", "text": "Bye"}), "en", SHOP)
    made = template.render({**ADA, "products": {}})
    assert "For you" not in made.html + made.text and "Bye" in made.html


def test_what_is_written_and_not_known_is_named() -> None:
    template = Template(said("In {{ customer.city }} {% if customer.last_name %}!{% endif %}"), "en", SHOP)
    assert template.render({**ADA, "customer": {}}).missing == ("customer.city",)
    assert template.needs == {"customer.city", "customer.last_name"}


def test_a_subject_stays_one_line_whatever_a_name_holds() -> None:
    made = Template(said("x", subject="For {{ customer.first_name }}"), "en", SHOP).render(
        {"customer": {"first_name": "Eve\r\nBcc: all@example.com\u2028x"}})
    assert made.subject == "For Eve Bcc: all@example.com x"


def test_urdu_runs_from_the_right_and_keeps_names_apart() -> None:
    content = {**said("Hello"), "other": {"ur": {"subject": "سلام", "blocks": [
        {"kind": "text", "text": "السلام علیکم {{ customer.first_name }}"}]}}}
    made = Template(content, "ur", SHOP).render({**ADA, "customer": {"first_name": own("Ada")}})
    assert dict(Seen(made.html).elements)["html"]["dir"] == "rtl" and "\u2068Ada\u2069" in made.html
    assert Template(content, "ru", SHOP).language == "en"


HOSTILE = {
    "a loop of a thousand million": "{% for i in (1..1000000000) %}x{% endfor %}",
    "loops in loops": "{% for a in bought.categories %}" * 9 + "x" + "{% endfor %}" * 9,
    "growth by a filter": "{{ 'x' | append: 'y' }}", "a variable that grows": "{% assign a = 'x' %}",
    "another file": "{% include '/etc/passwd' %}", "what is not read": "{% raw %}{{ x }}{% endraw %}",
    "spaces without end": "{{" + " " * 15_000 + "}}", "braces without end": "{{" * 9_000,
    "tags without end": "{%" * 9_000,
    "depth": "{% if orders.count %}" * 400 + "{% endif %}" * 400, "indexes": "{{ a" + "[a" * 900 + "]" * 900 + "}}",
    "length": "x" * 300_000, "many": "{{ customer.first_name }}" * 700, "a typing error": "{{ customer.frist_name }}",
    "script in quotes": "{{ customer.first_name | default: '<script>alert(1)</script>' }}",
    "javascript": "[Look](javascript:alert(1))", "data": "[Look](data:text/html;base64,PHNjcmlwdD4=)",
    "a name and password": "[Look](https://paypal.example@evil.example/)",
    "a quote": "[Look](https://x.example/\"onload=)",
    "half a pair": "\ud800", "a bell": "\x07",
    "a condition over paragraphs": "a {% if orders.count %}\n\nb {% endif %}"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_content_is_refused_in_words_and_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ContentRefused) as caught:
        Template(said(text), "en", SHOP).render(ADA | {"bought": {"categories": ["a"] * 50}})
    assert len(str(caught.value)) < 400 and "Traceback" not in str(caught.value)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("block", [
    {"kind": "iframe"}, {"kind": "button", "text": "x", "link": "ftp://x.example"}, {"kind": "button", "text": "x"},
    {"kind": "picture", "source": "mailto:a@b.example"}, {"kind": "picture", "source": "https://x", "width": "9" * 30},
    {"kind": "picture", "source": "https://x.example/a", "width": -4}, {"kind": "columns", "columns": [[]]},
    {"kind": "columns", "columns": [[{"kind": "columns", "columns": [[], []]}], []]}, {"kind": "products", "most": 999},
    {"kind": "text", "text": ["x"]}, "text", None, {"kind": "heading", "text": "{{ x"}])
def test_blocks_that_are_none_are_refused_with_their_place(block: Any) -> None:
    with pytest.raises(ContentRefused):
        Template(message({"kind": "text", "text": "x"}, block), "en", SHOP)


@pytest.mark.parametrize("subject", ["a\nBcc: x@y.example", "a\rb", "x" * 301, "", "{{ customer }"])
def test_subjects_that_are_none_are_refused(subject: str) -> None:
    with pytest.raises(ContentRefused):
        Template(said("x", subject=subject), "en", SHOP)


NATURAL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]), min_size=1, max_size=60).filter(
    lambda words: words.strip() and not {"{", "}", "[", "*"} & set(words) and not words.strip().startswith("- "))


@trying(max_examples=40)
@drawn(words=NATURAL)
def test_whatever_is_typed_is_text_and_nothing_else(words: str) -> None:
    content = message({"kind": "heading", "text": words}, {"kind": "text", "text": words}, {
        "kind": "picture", "source": "https://x.example/p.png", "alt": words})
    made, bare = Template(content, "en", SHOP).render(ADA), Template(message(
        {"kind": "heading", "text": "x"}, {"kind": "text", "text": "x"}, {
            "kind": "picture", "source": "https://x.example/p.png", "alt": "x"}), "en", SHOP).render(ADA)
    seen = Seen(made.html)
    assert [tag for tag, _ in seen.elements] == [tag for tag, _ in Seen(bare.html).elements]
    assert " ".join(words.split()) in seen.text and " ".join(words.split()) in " ".join(made.text.split())


def test_content_is_kept_as_it_was() -> None:
    content = message({"kind": "products", "choose": "chosen", "ids": ["A", "B"]}, {"kind": "columns", "columns": [
        [{"kind": "text", "text": "a\r\nb"}], []]}, other={"ru": {"subject": "Привет", "blocks": []}})
    kept = to_json(read(content))
    assert to_json(read(kept)) == kept and read(kept).said("ru").subject == "Привет"
    assert set(KINDS) == {"heading", "text", "picture", "button", "products", "code", "columns"}


def test_fields_are_what_they_bought_and_when(little_shop: Shop) -> None:
    found = fields(little_shop.engine, ["C1", "C2", "C5"], list(given()), little_shop.moment(NOW), little_shop.settings)
    assert (found["C1"]["customer"]["name"], found["C1"]["customer"]["city"]) == ("Ada Bloem", "Utrecht")
    assert found["C1"]["customer"].keys() == {"name", "city"}
    assert (found["C1"]["orders"]["count"], found["C1"]["first_order"]["date"], found["C1"]["last_order"]["date"]) == (
        10, "10 Jan 2026", "10 Oct 2026")
    assert (found["C2"]["last_order"]["total"], found["C2"]["orders"]["count"]) == ("€35.50", 1)
    assert (found["C5"]["orders"]["count"], dict(found["C5"]["last_order"])) == (0, {})
    assert set(given()) <= set(FIELDS)


def test_postage_is_nobodys_favourite(little_shop: Shop, tmp_path: Path) -> None:
    bricks, post = "product_id,name,category\n", "order_id,product_id,name,quantity,price\n"
    (tmp_path / "products.csv").write_text(bricks + "B,Brick,Bricks\nP,Postage,Post\nR,Ongkos kirim,Post\n", "utf-8")
    (tmp_path / "lines.csv").write_text(post + "A10,B,,1,5\n" + "".join(
        f"A{n},{'PR'[n % 2]},,1,5\n" for n in range(1, 11)), "utf-8")
    for name in ("products", "lines"):
        little_shop.import_file(tmp_path / f"{name}.csv")
    found = fields(little_shop.engine, ["C1"], list(given()), little_shop.moment(NOW), little_shop.settings)["C1"]
    assert (found["favourite"]["category"], found["bought"]["categories"]) == ("Bricks", ["Bricks"])
    assert found["last_order"]["products"] == ["Brick"]


def test_a_greeting_is_by_name_where_it_is_known_in_the_language_of_the_message() -> None:
    content = said("{{ greeting }}\n\nGood day.") | {"other": {"ru": {"subject": "x", "blocks": [
        {"kind": "text", "text": "{{ greeting }}"}]}}}
    english, russian = Template(content, "en", SHOP), Template(content, "ru", SHOP)
    assert english.needs == {"customer.first_name"}
    assert english.render(ADA).text.startswith("Hello Ada <b>,") and "Hello Ada &lt;b&gt;," in english.render(ADA).html
    nameless = english.render({"customer": {}, "shop": ADA["shop"]})
    assert (nameless.text.splitlines()[0], nameless.missing) == ("Hello,", ())
    assert russian.render(ADA).text.startswith("Здравствуйте, Ada <b>!")


def test_the_preflight_says_what_keeps_a_message_and_what_to_look_at() -> None:
    content = message(
        {"kind": "text", "text": "Dear {{ customer.first_name }}, this is new: [what is new]."},
        {"kind": "text", "text": "[www.bank.example](https://evil.example/) and [this](http://bit.ly/x)"},
        {"kind": "picture", "source": "http://localhost:8000/p.png"}, {"kind": "code"}, subject="BUY NOW!! WINNER")
    people = {"en": {"C1": ADA, "C2": {"customer": {}}}, "ur": {"C3": {"customer": {}}}}
    found = look_at(content, SHOP, people, offer=False)
    stops = [str(each.said) for each in found if each.level == STOP]
    looks = [str(each.said) for each in found if each.level == LOOK]
    for words in ("[what is new]", "says www.bank.example and leads to https://evil.example/", "Only this computer",
                  "speaks of an offer", "first name is not known of 2 people"):
        assert any(words in each for each in stops), (words, stops)
    for words in ("bit.ly", "capitals", "shouts", "advertising", "no text", "nearly all pictures",
                  "1 person speaks Urdu"):
        assert any(words in each for each in looks), (words, looks)
    fine = said("Dear {{ customer.first_name | default: 'you' }}, this is new and will please you.")
    assert look_at(fine, SHOP, {"en": {"C1": ADA}}) == []


def test_an_offer_is_said_above_its_code_and_missed_where_nobody_can_read_it() -> None:
    ten, silent = Offer("percent", "10", "SAVE"), "Dear customer, this is new and will please you."
    people = {"en": {"C1": ADA}}
    for spoken in (silent + " 10% off!", silent + " Your code: SAVE", "Now {{ offer.gives }}: " + silent):
        assert look_at(said(spoken), SHOP, people, offer=ten) == []
    missed = look_at(said(silent + " For 100 people."), SHOP, people, offer=ten)
    assert [(each.level, "does not say what is offered" in str(each.said)) for each in missed] == [(LOOK, True)]
    for offer, language, words in ((ten, "en", "10% off"), (Offer("percent", "12.5"), "en", "12.5% off"),
                                   (Offer("free_shipping"), "ru", "бесплатная доставка")):
        content = message({"kind": "code", "text": "Your code"}, language=language)
        made = Template(content, language, SHOP).render({"offer": {"code": "SAVE", "gives": offer}})
        assert re.search(f"(?s){words}.*SAVE", bare(made.html)) and re.search(f"(?s){words}.*SAVE", bare(made.text))


def bare(said: str) -> str:
    """Without the signs that keep a figure apart."""
    return re.sub("[\u2066-\u2069]", "", said)


def test_a_text_message_is_asked_for_no_subject_nor_for_what_only_mailboxes_mind() -> None:
    content = said("WINNER! Look at http://bit.ly/x", subject="{{ customer.first_name }} [fill in]")
    assert Template(content, "en", SHOP, says=WORDS).render({}).missing == ()
    assert look_at(content, SHOP, {"en": {"C1": {}}}, says=WORDS) == []
    assert Template(said("Hello", subject=""), "en", SHOP, says=MESSAGE).render({}).text == "Hello\n"


def test_a_message_of_empty_texts_says_nothing() -> None:
    empty = message({"kind": "text", "text": " "},
                    {"kind": "columns", "columns": [[{"kind": "heading", "text": ""}], []]})
    for says in (WORDS, SPOKEN, MESSAGE):
        assert [str(each.said) for each in look_at(empty, SHOP, {"en": {"C1": {}}}, says=says)] == [
            "The message says nothing yet."]
    assert look_at({**empty, "plain": "Hello"}, SHOP, {"en": {"C1": {}}}, says=WORDS) == []


def test_what_is_spoken_or_printed_carries_nothing_to_press() -> None:
    content = message({"kind": "text", "text": "Hello"}, {"kind": "button", "text": "To the shop", "link": ""},
                      {"kind": "columns", "columns": [[{"kind": "picture", "source": ""}], []]})
    for says in (SPOKEN, PRINTED):
        assert look_at(content, SHOP, {"en": {"C1": {}}}, says=says) == []
        assert Template(content, "en", SHOP, says=says).render({}).text == "Hello\n"


def test_a_message_that_gmail_would_cut_off_is_named() -> None:
    content = message(*({"kind": "text", "text": "word " * 3000} for _ in range(8)))
    assert any("Gmail cuts off" in str(each.said) for each in look_at(content, SHOP, {"en": {"C1": ADA}}))


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_a_draft_says_only_what_is_true_of_whoever_gets_it(occasion: str) -> None:
    rows = pa.table({"language": ["en", "id", "ur", "ru"], "subject": ["Prices"] * 4, "body": ["Hi,\n\nx\n\nBye"] * 4})
    found = Result("draft", text("x"), "", NOW, 1, {}, rows, numbers={"occasion": occasion, "language": "ru"})
    content = draft_content(found, SHOP, offer=True)
    assert content["language"] == "ru" and set(content["other"]) == {"en", "id", "ur"}
    for said_in in read(content).messages:
        sound = Template.of(said_in, SHOP)
        bare = sound.render({**ADA, "customer": {}, "products": {}, "favourite": {}})
        full = sound.render({**ADA, "favourite": {"category": "Garden"}, "products": {
            "next": [{"name": "Hoe"}], "favourite": [{"name": "Rake"}]}})
        assert not bare.missing and "{" not in bare.text + full.text and "Ada" in full.text
        assert not {"Hoe", "Rake", "Garden"} & set(bare.text.replace("»", " ").split())
        assert ("Hoe" in full.text) + ("Rake" in full.text) == (occasion not in ("terms", "checkout", "first"))


def test_a_draft_leads_to_the_shops_own_pages_where_anybody_knows_them(little_shop: Shop) -> None:
    engine = little_shop.engine
    engine.execute("DELETE FROM visits")
    assert home(engine, []) == ""
    engine.execute("INSERT INTO visits (visit_id, url) VALUES ('a', '/lamps'), ('b', 'HTTPS://Shop.example/lamps?x=1')")
    assert home(engine, []) == "https://shop.example/"
    engine.execute("INSERT INTO products (product_id, attributes) VALUES ('n', ?)",
                   ['{"link": "https://pages.example/p/1"}'])
    assert home(engine, []) == "https://pages.example/"
    led = Campaign("Before", variants=(Variant("one", content={"blocks": [
        {"kind": "button", "link": ""}, {"kind": "button", "link": "mailto:a@shop.example"},
        {"kind": "button", "link": "https://here.example/sale"}]}),))
    assert home(engine, [Campaign("Plain", variants=(Variant("one", content={"text": "x"}),)), led]) == \
        "https://here.example/"


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 320, 200) + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"ab" + b"\xff\xc0" + struct.pack(
    ">HBHH", 11, 8, 200, 320) + bytes(20)


def test_a_picture_is_what_its_bytes_say(tmp_path: Path) -> None:
    kept = [pictures.keep(tmp_path, data) for data in (PNG, JPEG, b"GIF89a" + struct.pack("<HH", 320, 200) + bytes(9))]
    assert [(each.name[-3:], each.width, each.height) for each in kept] == [
        (kind, 320, 200) for kind in ("png", "jpg", "gif")]
    assert pictures.keep(tmp_path, PNG) == kept[0] and pictures.find(tmp_path, kept[0].name)
    assert pictures.find(tmp_path, "../shop.toml") is None and pictures.find(tmp_path, "0" * 32 + ".png") is None


@pytest.mark.parametrize("data", [
    PNG + bytes(10_000_000), b"", b"<svg onload='alert(1)'/>", b"\xff\xd8\xff" + b"\xff\xe0\x00\x00" * 50_000,
    PNG[:16] + struct.pack(">II", 2**31, 2**31) + bytes(20), b"MZ" + bytes(500)])
def test_what_is_no_picture_or_too_large_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ContentRefused):
        pictures.keep(tmp_path, data)
    assert not (tmp_path / "pictures").exists()


def test_an_offer_says_until_when_it_holds() -> None:
    made = Template(message({"kind": "code", "text": "Yours:"}), "en", SHOP).render(
        {**ADA, "offer": {"code": "X1", "until": datetime(2026, 12, 24)}})
    assert "Valid until 24 Dec 2026" in Seen(made.html).text and "Yours: X1 (Valid until 24 Dec 2026)" in made.text


GOOD = {"little.example": ["v=spf1 include:_spf.mail.example -all"],
        "s1._domainkey.little.example": ["v=DKIM1; p=MIIB"], "_dmarc.little.example": ["v=DMARC1; p=none"]}


@pytest.mark.parametrize(("change", "said"), [
    ({}, ""), ({"little.example": ["something else"]}, "SPF"),
    ({"little.example": ["v=spf1 -all", "v=spf1 +all"]}, "twice"),
    ({"s1._domainkey.little.example": ["v=DKIM1; p="]}, "DKIM"), ({"_dmarc.little.example": []}, "DMARC")])
def test_what_mailboxes_ask_of_a_domain_is_looked_up(change: dict[str, list[str]], said: str) -> None:
    records = GOOD | change
    found = look_up("Little.example", "s1", lambda name: records.get(name, []))
    assert [each.level for each in found] == [LOOK] * bool(said) and all(said in str(each.said) for each in found)
    assert look_up("news.little.example", "s1", lambda name: GOOD.get(name.replace("news.little", "little"), [])) == []


def test_where_nobody_answers_it_says_so() -> None:
    def ask(name: str) -> list[str]:
        raise Unanswered(name)
    assert "could not be looked up from here" in str(look_up("little.example", "", ask)[0].said)
