"""Invented people: given and family names by language, each with its Latin spelling for addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


def _same(words: str) -> Pairs:
    return tuple((w.replace("_", " "), w.replace("_", "").lower()) for w in words.split())


def _pairs(words: str) -> Pairs:
    """``Анна=anna`` … : the name and its Latin spelling."""
    return tuple((left, right) for left, _, right in (w.partition("=") for w in words.split()))


@dataclass(frozen=True)
class Names:
    """``family_of_women`` differs from ``family`` where the language inflects it."""

    women: Pairs
    men: Pairs
    family: Pairs
    family_of_women: Pairs


def _names(women: Pairs, men: Pairs, family: Pairs, family_of_women: Pairs | None = None) -> Names:
    return Names(women, men, family, family_of_women or family)


RUSSIAN = "Иванов=ivanov Смирнов=smirnov Кузнецов=kuznetsov Попов=popov Соколов=sokolov Лебедев=lebedev " \
          "Козлов=kozlov Новиков=novikov Морозов=morozov Волков=volkov Павлов=pavlov Орлов=orlov"

NAMES: Mapping[str, Names] = {
    "nl": _names(
        _same("Sanne Lotte Fleur Anouk Femke Marieke Ilse Noor Roos Tess Esmee Maud Jolanda Hanneke Wilma Greet"),
        _same("Daan Joep Bram Sjoerd Ruben Thijs Koen Wouter Maarten Jelle Gijs Bas Henk Cees Niels Joost"),
        _same("de_Vries Jansen van_Dijk Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer "
              "de_Wit Dijkstra Smits de_Graaf van_der_Meer Kok Jacobs Vermeulen Schouten Hoekstra")),
    "en": _names(
        _same("Sarah Emily Grace Chloe Hannah Lucy Olivia Ruby Megan Alice Holly Jessica"),
        _same("Joe Oliver Harry Jack Thomas George Adam Callum Liam Nathan Owen Simon"),
        _same("Taylor Wright Walker Hughes Green Carter Mitchell Turner Collins Baker Fisher Palmer Webb Marsh")),
    "de": _names(
        _same("Anna Lena Katharina Sabine Greta Ute Heike Frieda Johanna Mareike Birgit Svenja"),
        _same("Lukas Felix Jonas Matthias Uwe Stefan Holger Karsten Moritz Florian Dieter Tobias"),
        (*_same("Schmidt Weber Fischer Wagner Becker Hoffmann Koch Richter Klein Wolf Neumann Braun Zimmermann"),
         ("Müller", "mueller"), ("Krüger", "krueger"), ("Schäfer", "schaefer"))),
    "ru": _names(
        _pairs("Анна=anna Мария=maria Елена=elena Ольга=olga Наталья=natalya Ирина=irina Дарья=darya Юлия=yulia "
               "Светлана=svetlana Ксения=kseniya"),
        _pairs("Иван=ivan Дмитрий=dmitry Сергей=sergey Алексей=aleksey Николай=nikolay Павел=pavel Михаил=mikhail "
               "Андрей=andrey Олег=oleg Фёдор=fyodor"),
        _pairs(RUSSIAN),
        tuple((name + "а", latin + "a") for name, latin in _pairs(RUSSIAN))),
    "ur": _names(
        _pairs("عائشہ=ayesha فاطمہ=fatima زینب=zainab مریم=maryam سارہ=sara حنا=hina نادیہ=nadia ثنا=sana "
               "رابعہ=rabia مہوش=mehwish"),
        _pairs("علی=ali حسن=hassan احمد=ahmed بلال=bilal عمر=umar حمزہ=hamza فیصل=faisal عثمان=usman "
               "کامران=kamran طارق=tariq"),
        _pairs("خان=khan احمد=ahmed حسین=hussain ملک=malik شیخ=sheikh قریشی=qureshi چوہدری=chaudhry صدیقی=siddiqui "
               "مرزا=mirza بٹ=butt")),
    "id": _names(
        _same("Siti Dewi Putri Ayu Rina Lestari Wulan Indah Ratna Fitri Maya Nur"),
        _same("Budi Agus Rizky Andi Dimas Eko Hendra Yusuf Bayu Arif Joko Fajar"),
        _same("Santoso Wijaya Saputra Hidayat Nugroho Kusuma Pratama Setiawan Siregar Lubis Halim Gunawan")),
}

SPOKEN: Mapping[str, Mapping[str, float]] = {
    "NL": {"nl": 0.66, "en": 0.10, "de": 0.06, "ru": 0.06, "ur": 0.06, "id": 0.06},
    "DE": {"de": 0.78, "ru": 0.08, "en": 0.07, "ur": 0.05, "nl": 0.02},
    "GB": {"en": 0.83, "ur": 0.10, "ru": 0.04, "de": 0.03},
    "ID": {"id": 0.92, "en": 0.08},
    "PK": {"ur": 0.85, "en": 0.15},
    "RU": {"ru": 0.96, "en": 0.04},
}
SPOKEN_ELSEWHERE: Mapping[str, float] = {"en": 0.70, "de": 0.08, "ru": 0.08, "ur": 0.07, "id": 0.07}

STREETS = ("Lindenlaan", "Molenweg", "Kerkstraat", "Dorpsstraat", "Wilgenpad", "Kastanjelaan", "Havenkade",
           "Stationsplein", "Beukenhof", "Zonnebloemstraat", "Veldweg", "Brugstraat", "Tuinlaan", "Marktplein",
           "Vinkenstraat", "Esdoornlaan")

DOMAINS = ("post.example", "mail.example", "brief.example", "inbox.example", "letters.example")
"""Reserved for examples (RFC 2606): nobody can have an address there, and none looks like a test order either."""

PHONE = "+319701"
"""Dutch numbers for machines, not people: valid in form and no one's telephone."""

PROVINCES = {"01": "Drenthe", "02": "Friesland", "03": "Gelderland", "04": "Groningen", "05": "Limburg",
             "06": "Noord-Brabant", "07": "Noord-Holland", "09": "Utrecht", "10": "Zeeland", "11": "Zuid-Holland",
             "15": "Overijssel", "16": "Flevoland"}

TRADES = (("Masonry", "construction"), ("Builders", "construction"), ("Roofing", "roofing"), ("Gardens", "landscaping"),
          ("Carpentry", "carpentry"), ("Painters", "painting"), ("Renovation", "construction"),
          ("Paving", "landscaping"))
BUYING_PROCESSES = ("phone order", "framework contract", "tender", "owner decides")
