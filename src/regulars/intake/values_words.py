"""Words a cell may hold: yes and no, months, currencies, and the state of an order, in four languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from babel.numbers import list_currencies

from regulars.engines.duckdb import literal, quoted
from regulars.intake import values

if TYPE_CHECKING:
    from regulars.intake.stage import Stage, StagedColumn

def words(text: str) -> frozenset[str]:
    """The words of a list written as text."""
    return frozenset(text.split())


YES = words("yes y true t 1 on x ✓ ✔ ☑ subscribed accepted granted opted-in opted_in"
             " ya iya benar setuju ہاں جی ہاں_جی جی_ہاں درست صحیح да д истина верно есть")
NO = words("no n false f 0 off ✗ ✘ ☐ unsubscribed declined denied opted-out opted_out never_subscribed"
            " tidak tak bukan salah نہیں نا غلط нет н ложь неверно")

_MONTHS = """
    january jan januari jan. янв января январь янв. جنوری
    february feb februari feb. peb февраль февраля фев фев. فروری
    march mar maret mar. mrt март марта мар мар. مارچ
    april apr apr. апрель апреля апр апр. اپریل
    may mei май мая مئی
    june jun juni jun. июнь июня июн июн. جون
    july jul juli jul. июль июля июл июл. جولائی
    august aug agustus agu agt aug. ags август августа авг авг. اگست
    september sep sept sep. sept. сентябрь сентября сен сент сен. сент. ستمبر
    october oct oktober okt oct. okt. октябрь октября окт окт. اکتوبر
    november nov nopember nov. ноябрь ноября ноя нояб ноя. нояб. نومبر
    december dec desember des dec. des. декабрь декабря дек дек. دسمبر
"""
MONTHS = {word: number for number, line in enumerate(_MONTHS.strip().splitlines(), 1) for word in line.split()}

WEEKDAYS = words("""
    monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun
    senin sen selasa sel rabu rab kamis kam jumat jum sabtu sab minggu min ahad
    понедельник пн вторник вт среда ср четверг чт пятница пт суббота сб воскресенье вс
    پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار
""")

MORNING = frozenset({"am", "a.m.", "a.m", "صبح", "pagi"})
EVENING = frozenset({"pm", "p.m.", "p.m", "شام", "malam", "sore", "siang"})

STATUSES: dict[str, frozenset[str]] = {name: frozenset(listed.split("|")) for name, listed in {
    "paid": "paid|complete|completed|processing|fulfilled|shipped|delivered|succeeded|success|successful|captured|"
            "closed|done|approved|settled|invoiced|confirmed|ok|partially_paid|sent|active|"
            "partially refunded|"
            "lunas|selesai|dibayar|sudah dibayar|dikirim|terkirim|diproses|berhasil|sukses|"
            "ادا شدہ|ادا|مکمل|پہنچا دیا|روانہ|"
            "оплачен|оплачено|оплачена|выполнен|выполнено|завершен|завершён|доставлен|доставлено|отправлен|отправлено|"
            "bezahlt|abgeschlossen|versendet|pagado|completado|payé|payée|terminé|terminée",
    "pending": "pending|open|new|on hold|on-hold|awaiting|awaiting payment|unpaid|draft|authorized|authorised|created|"
               "processing payment|incomplete|requires_action|requires payment method|due|waiting|placed|"
               "tertunda|menunggu|menunggu pembayaran|belum dibayar|belum lunas|baru|"
               "زیر التوا|زیر التواء|منتظر|غیر ادا شدہ|"
               "ожидает|ожидание|в ожидании|новый|не оплачен|не оплачено|в обработке|ожидает оплаты|"
               "ausstehend|offen|pendiente|en attente",
    "cancelled": "cancelled|canceled|cancel|voided|void|expired|abandoned|deleted|trash|annulled|"
                 "dibatalkan|batal|kedaluwarsa|منسوخ|منسوخ شدہ|отменен|отменён|отменено|отмена|аннулирован|"
                 "storniert|cancelado|cancelada|annulé|annulée",
    "refunded": "refunded|refund|returned|charged back|chargeback|reversed|dikembalikan|pengembalian|refund penuh|"
                "واپس|واپس شدہ|رقم واپس|возврат|возвращен|возвращён|возвращено|erstattet|reembolsado|"
                "remboursé|remboursée",
    "failed": "failed|failure|declined|rejected|error|denied|gagal|ditolak|ناکام|مسترد|"
              "ошибка|отклонен|отклонён|отклонено|не удалось|неуспешно|fehlgeschlagen|fallido|échoué|échouée",
}.items()}

SIGNS: dict[str, str] = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "rs": "INR", "rs.": "INR", "₨": "INR", "rp": "IDR",
    "rp.": "IDR", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "р.": "RUB", "р": "RUB", "zł": "PLN", "kr": "SEK",
    "kr.": "SEK", "r$": "BRL", "¥": "JPY", "₩": "KRW", "₺": "TRY", "tl": "TRY", "฿": "THB", "₫": "VND", "₱": "PHP",
    "₦": "NGN", "₪": "ILS", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "s$": "SGD", "hk$": "HKD",
    "nz$": "NZD", "fr.": "CHF", "روپے": "PKR", "روپیہ": "PKR", "₴": "UAH", "₸": "KZT", "kč": "CZK", "ft": "HUF",
    "د.إ": "AED", "ر.س": "SAR", "rm": "MYR", "nt$": "TWD",
} | {code.lower(): code for code in list_currencies()}

_RUPEES = words("INR PKR LKR NPR MUR SCR")
_CROWNS = words("SEK NOK DKK ISK")

SHARED_SIGNS: dict[str, frozenset[str]] = {
    "$": words("USD CAD AUD SGD NZD HKD MXN ARS CLP COP TWD JMD BSD BBD BZD FJD TTD UYU LRD NAD"),
    "rs": _RUPEES, "rs.": _RUPEES, "₨": _RUPEES, "روپے": _RUPEES, "kr": _CROWNS, "kr.": _CROWNS,
    "£": words("GBP EGP LBP SYP SDG GIP FKP SHP"), "¥": words("JPY CNY"),
}
"""Signs that several currencies share mean the shop's own where it is one of them."""

WITHOUT_CENTS = words("JPY KRW VND CLP ISK IDR UGX XAF XOF RWF PYG IRR LAK MMK COP XPF")


def sign_means(sign: str, shop_currency: str) -> str:
    """The currency that ``sign`` (lower case) names in a shop of this currency."""
    return shop_currency if shop_currency in SHARED_SIGNS.get(sign, ()) else SIGNS[sign]


def yesno(stage: Stage, column: StagedColumn) -> str:
    """BOOLEAN; a word that means neither is NULL."""
    if column.type == "BOOLEAN":
        return column.sql
    word = f"replace({values.plain(stage.cell(column), stage.profile(column))}, ' ', '_')"
    return (f"CASE WHEN {word} IN ({_listed(YES)}, '1.0') THEN true "
            f"WHEN {word} IN ({_listed(NO)}, '0.0') THEN false END")


def status(cell: str) -> str:
    """The canonical state of an order, NULL where the word is unknown."""
    word = f"replace(regexp_replace(fold({cell}), '^wc-', ''), '_', ' ')"
    cases = " ".join(f"WHEN {word} IN ({_listed(sorted({w.replace('_', ' ') for w in listed}))}) THEN {literal(name)}"
                     for name, listed in STATUSES.items())
    return f"CASE {cases} END"


def statuses(stage: Stage, cell: str, otherwise: str) -> str:
    """As `status`, by the few words the column really has; a word that is not known means ``otherwise``."""
    found = states(stage, cell)
    if len(found) > FEW:
        return f"CASE WHEN {cell} IS NOT NULL THEN coalesce({status(cell)}, {literal(otherwise)}) END"
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(means or otherwise)}" for word, means, _ in sorted(
        found, key=lambda s: s[0]))
    return f"CASE {cell} {cases} END" if found else "CAST(NULL AS VARCHAR)"


def states(stage: Stage, cell: str) -> list[tuple[str, str | None, int]]:
    """The words of a column of states, what each means, and how often it stands there."""
    key = f"states {cell}"
    if key not in stage.decided:
        stage.decided[key] = stage.engine.rows(
            f"WITH said AS MATERIALIZED (SELECT {cell} AS x, count(*) AS n FROM {quoted(stage.name)} GROUP BY 1) "
            f"SELECT x, {status('x')}, n FROM said WHERE x IS NOT NULL ORDER BY n DESC, x")
    found = stage.decided[key]
    assert isinstance(found, list)
    return found


FEW = 100
"""As many different words a column of states may well have."""


def _listed(some: Iterable[str]) -> str:
    return ", ".join(literal(w) for w in sorted(some))
