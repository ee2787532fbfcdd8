"""What the columns of plain tables are called, in English, Indonesian, Urdu and Russian.

A field is always known by its own name (``order_id``), with its table before it (``orders.total``, ``order_total``),
and by the words below, else by those of `generic_abroad`. Words are compared without case, spaces and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from regulars.intake.generic_abroad import ABROAD
from regulars.model.tables import TABLES

WHO = """
customers.customer_id   customer | customer no | customer number | customer code | client id | client | buyer id
    | cust id | user id | member id | account number | shopper id | id pelanggan | kode pelanggan | no pelanggan
    | pelanggan | id pembeli | کسٹمر آئی ڈی | گاہک نمبر | گاہک آئی ڈی | گاہک | id клиента | код клиента
    | номер клиента | клиент | ид клиента | покупатель | id покупателя
customers.email         e mail | email address | e mail address | mail | customer email | contact email
    | billing email | buyer email | alamat email | surel | ای میل | برقی پتہ | почта | эл почта | электронная почта
    | емейл | имейл | адрес электронной почты
customers.phone         phone number | telephone | tel | mobile | mobile phone | mobile number | cell | cell phone
    | whatsapp | wa | contact number | customer phone | billing phone | telepon | nomor telepon | no telepon | no hp
    | hp | handphone | nomor hp | nomor wa | فون | فون نمبر | موبائل | موبائل نمبر | رابطہ نمبر | телефон
    | номер телефона | мобильный | моб телефон | сотовый
customers.name          customer name | client name | full name | buyer name | buyer | contact name | contact
    | billing name | nama pelanggan | nama lengkap | nama pembeli | نام گاہک | گاہک کا نام | پورا نام | имя клиента
    | фио | полное имя | имя покупателя | покупатель фио
"""

BUYER = WHO + """
customers.first_name    first name | given name | forename | nama depan | پہلا نام | имя
customers.last_name     last name | surname | family name | nama belakang | nama keluarga | آخری نام | خاندانی نام
    | фамилия
customers.gender        sex | jenis kelamin | kelamin | جنس | пол
customers.birth_date    birthday | date of birth | dob | birthdate | tanggal lahir | tgl lahir | ulang tahun
    | تاریخ پیدائش | پیدائش | дата рождения | день рождения | др
customers.street        address | street address | address 1 | address line 1 | alamat | jalan | پتہ | گلی | адрес
    | улица
customers.city          town | kota | kabupaten | شہر | город
customers.region        state | province | county | provinsi | wilayah | صوبہ | علاقہ | регион | область | край
customers.postcode      zip | zip code | postal code | post code | pincode | pin code | kode pos | پوسٹ کوڈ
    | ڈاک کوڈ | индекс | почтовый индекс
customers.country       country code | negara | ملک | страна
"""
"""Who bought, and where they live: what a table of orders says of people."""

PERSON = BUYER + """
customers.language      lang | locale | bahasa | زبان | язык
customers.latitude      lat | lintang | широта
customers.longitude     lon | lng | long | bujur | долгота
customers.occupation    job | profession | job title | pekerjaan | profesi | پیشہ | профессия | должность
customers.income_band   income | pendapatan | آمدنی | доход
customers.education     pendidikan | تعلیم | образование
customers.household_size    household | family size | jumlah keluarga | افراد خانہ | размер семьи
customers.acquisition_channel   acquired by | acquisition | source | utm source | how did you hear about us | sumber
    | ذریعہ | источник | канал привлечения
customers.referred_by   referrer id | referred by id | direferensikan oleh | кто привел
customers.signed_up_at  sign up | signup date | sign up date | registered | registered at | registration date
    | registered on | joined | join date | member since | customer since | date joined | subscribed at
    | tanggal daftar | tanggal registrasi | tanggal bergabung | تاریخ رجسٹریشن | شمولیت کی تاریخ | дата регистрации
    | зарегистрирован | клиент с
customers.plan          subscription | tier | membership | paket | langganan | پلان | тариф | подписка | план
customers.plan_status   subscription status | status langganan | статус подписки
customers.account_id    company id | organisation id | organization id | id perusahaan | کمپنی آئی ڈی | id компании
customers.preferred_channel channel preference | saluran pilihan | предпочитаемый канал
customers.email_consent accepts marketing | accepts email marketing | newsletter | email opt in | subscribed
    | opt in | marketing consent | email marketing | setuju email | berlangganan | ای میل اجازت
    | согласие на рассылку | рассылка | подписан
customers.sms_consent   accepts sms marketing | sms opt in | sms marketing | setuju sms | согласие на sms
customers.social_followers  followers | instagram followers | pengikut | فالورز | подписчики
customers.social_handles    instagram | social | handles
customers.tags          labels | label | tag | ٹیگ | метки | теги
customers.kind          customer type | type of customer | jenis pelanggan | тип клиента
"""

ORDER = """
orders.order_id     order | order no | order number | order nr | order # | invoice | invoice no | invoice number
    | invoice id | receipt | receipt no | receipt number | transaction | transaction id | transaction no | bill no
    | bill number | sale id | purchase id | id pesanan | no pesanan | nomor pesanan | kode pesanan | no faktur
    | nomor faktur | nomor invoice | no nota | no transaksi | id transaksi | آرڈر نمبر | آرڈر آئی ڈی | آرڈر
    | رسید نمبر | بل نمبر | номер заказа | заказ | id заказа | № заказа | номер счета | счет | чек | номер чека
    | накладная
orders.at           date | order date | ordered at | ordered on | created at | created | created on | date created
    | purchase date | purchased at | invoice date | sale date | sales date | transaction date | transaction time
    | datetime | date time | timestamp | time | paid at | placed at | day | tanggal | tanggal pesanan | tgl pesanan
    | tgl | tanggal transaksi | tanggal beli | waktu | تاریخ | آرڈر کی تاریخ | خریداری کی تاریخ | дата | дата заказа
    | дата покупки | дата продажи | дата и время | создан
orders.status       order status | state | payment status | financial status | status pesanan | status pembayaran
    | حالت | آرڈر کی حالت | статус | статус заказа | состояние
orders.channel      sales channel | source | source name | store | kanal | saluran | toko | چینل | канал | канал продаж
    | магазин
orders.total        amount | order total | total amount | total price | grand total | total paid | paid | price
    | value | order value | dollar value | dollars | revenue | sum | sales | spend | spent | total sales | net sales
    | jumlah bayar | total bayar | total harga | total belanja | nilai | jumlah uang | harga | کل رقم | رقم | کل
    | قیمت | сумма | итого | сумма заказа | всего | стоимость | оплачено | общая сумма
orders.subtotal     sub total | items total | подытог | ذیلی کل
orders.discount     discount amount | discount total | total discount | diskon | potongan | potongan harga | رعایت
    | скидка
orders.shipping     shipping cost | shipping total | freight | delivery | delivery cost | shipping fee | postage
    | ongkir | ongkos kirim | biaya kirim | ترسیل | شپنگ | доставка | стоимость доставки
orders.tax          taxes | vat | gst | tax total | sales tax | pajak | ppn | ٹیکس | налог | ндс
orders.refunded     refund | refund amount | refunded amount | amount refunded | total refunded | pengembalian dana
    | рефанд | возвращено | сумма возврата | واپس رقم
orders.promo_code   coupon | coupon code | discount code | voucher | voucher code | promo | kode promo | kode kupon
    | kode voucher | kupon | پرومو کوڈ | کوپن | промокод | купон
orders.currency     currency code | mata uang | کرنسی | валюта
orders.payment_method   payment | payment type | paid by | paid with | metode pembayaran | cara bayar
    | ادائیگی کا طریقہ | способ оплаты | оплата
orders.shipping_method  delivery method | carrier | metode pengiriman | kurir | способ доставки
orders.occasion     acara | موقع | повод
orders.campaign     utm campaign | kampanye | مہم | кампания
"""

LINE = """
lines.line          line no | line number | item no | position | row | baris | سطر | позиция | строка
lines.product_id    sku | item id | stock code | item code | article | article number | product code
    | product no | variant sku | item sku | asin | barcode | isbn | track id | id produk | kode produk | kode barang
    | kode item | پروڈکٹ آئی ڈی | پروڈکٹ کوڈ | کوڈ | артикул | код товара | id товара | номенклатура | product
lines.product_name  product title | item | item name | description | product description | title | item description
    | name | produk | nama produk | nama barang | barang | deskripsi | پروڈکٹ | پروڈکٹ کا نام | چیز | товар
    | название товара | наименование | наименование товара | название | описание
lines.quantity      qty | units | pieces | pcs | count | number | items | items sold | quantity ordered
    | number of items | number of cds | cds | jumlah | kuantitas | banyak | banyaknya | مقدار | تعداد | количество
    | кол во | кол | шт
lines.unit_price    price | price each | item price | price per unit | unit cost price | sale price | selling price
    | harga | harga satuan | harga jual | فی قیمت | قیمت | اکائی قیمت | цена | цена за единицу | цена за шт
lines.discount      line discount | discount amount | item discount | diskon | potongan | رعایت | скидка
lines.unit_cost     cost | cost price | cost per item | cogs | purchase price | harga modal | harga pokok | hpp
    | modal | لاگت | себестоимость | закупочная цена
lines.amount        line total | line amount | total | subtotal | item total | sales | net sales | revenue
    | extended price | total harga | jumlah harga | کل قیمت | کل رقم | رقم | сумма | стоимость | итого
lines.returned_stated   returned quantity | quantity returned | returned | qty returned | jumlah retur
    | возвращено штук
products.category   product category | product type | department | collection | genre | kategori | jenis | قسم
    | زمرہ | категория | группа
products.brand      merek | brand name | برانڈ | бренд | марка
products.vendor     supplier | manufacturer | artist | pemasok | vendor name | فراہم کنندہ | поставщик | производитель
"""

PRODUCT = """
products.product_id     id | sku | product code | item id | item code | stock code | article
    | article number | barcode | variant sku | handle | track id | id produk | kode produk | kode barang
    | پروڈکٹ آئی ڈی | پروڈکٹ کوڈ | کوڈ | артикул | код товара | id товара | product
products.name       product name | title | item | item name | description | product title | nama | nama produk
    | nama barang | produk | نام | پروڈکٹ کا نام | название | наименование | товар | название товара
products.category   product category | product type | type | department | collection | genre | kategori | jenis
    | قسم | زمرہ | категория | группа
products.brand      merek | brand name | برانڈ | бренд | марка
products.vendor     supplier | manufacturer | artist | pemasok | فراہم کنندہ | поставщик | производитель
products.tags       labels | tag | ٹیگ | метки | теги
products.price      unit price | retail price | sale price | selling price | list price | regular price | harga
    | harga jual | قیمت | цена | розничная цена
products.unit_cost  cost | cost price | cost per item | cogs | purchase price | wholesale price | harga modal
    | harga pokok | hpp | modal | لاگت | себестоимость | закупочная цена
products.image      picture | image url | image link | picture url | photo | photo url | image src | gambar | foto
    | تصویر | фото | изображение | картинка
products.url        link | product url | product link | product page | permalink | web page | tautan | لنک | ссылка
products.released_at    released | release date | launch date | available from | tanggal rilis | дата выхода
"""

FACT_TIME = ("date | time | timestamp | datetime | date time | when | happened at | created at | occurred at | "
             "created | sent at | tanggal | waktu | تاریخ | وقت | дата | время | дата и время")

KINDS: dict[str, str] = {
    "customers": PERSON + """
customers.customer_id   id | customerid
customers.name          name | nama | نام | имя и фамилия | contact
customers.at            created at | created | date created | first seen | added | date added | known since
    | tanggal dibuat | дата создания | создан
customers.acquisition_channel   channel | kanal | канал
""",
    "orders": ORDER + BUYER + """
orders.order_id     id
customers.name      name | nama | نام
lines.quantity      qty | units | pieces | items | number of items | items sold | number of cds | cds | quantity
    | jumlah barang | kuantitas | количество | مقدار | تعداد
""",
    "lines": LINE + ORDER.replace("orders.total ", "orders.total_unused ") + BUYER + """
orders.total        order total | order amount | order value | grand total | invoice total | total pesanan
    | сумма заказа
""",
    "products": PRODUCT,
    "messages": WHO + f"""
messages.message_id     id | message
messages.at             {FACT_TIME} | opened at | clicked at
messages.type           event | action | status | activity | jenis | tipe | قسم | тип | действие | событие
messages.channel        medium | kanal | saluran | چینل | канал
messages.campaign       campaign name | subject | newsletter name | kampanye | مہم | кампания | рассылка | тема
messages.link           url | clicked url | tautan | لنک | ссылка
messages.machine        bot | robot | mesin | бот
""",
    "visits": WHO + f"""
visits.visit_id     id | visit | session id | page view id
visits.at           {FACT_TIME} | visited at
visits.url          page | page url | path | location | halaman | صفحہ | страница | адрес страницы
visits.product      product | produk | товар
visits.category     product category | kategori | категория
visits.browser      peramban | браузер
visits.device       perangkat | ڈیوائس | устройство
visits.referrer     referer | perujuk | источник перехода
visits.utm_source   source
visits.utm_medium   medium
visits.utm_campaign campaign
visits.properties
""",
    "checkouts": WHO + f"""
checkouts.checkout_id   id | checkout | cart id | cart | basket id
checkouts.at            {FACT_TIME} | started at
checkouts.total         amount | cart total | cart value | value | jumlah | رقم | сумма
checkouts.completed     converted | ordered | finished | selesai | مکمل | завершен | оформлен
checkouts.properties
""",
    "events": WHO + f"""
events.event_id     id
events.at           {FACT_TIME} | event time
events.name         event | event name | event type | action | activity | peristiwa | kejadian | واقعہ | событие
    | название события
events.properties   props | data | payload
""",
    "tickets": WHO + """
tickets.ticket_id   id | ticket | ticket no | ticket number | case id | case number | tiket | no tiket | ٹکٹ نمبر
    | номер обращения | обращение
tickets.opened      opened at | open date | created at | created | date | date opened | dibuka | tanggal
    | tanggal dibuka | تاریخ | открыт | дата | дата открытия | создан
tickets.at
tickets.closed      closed at | resolved | resolved at | solved at | date closed | ditutup | selesai | بند | закрыт
    | решен | дата закрытия
tickets.channel     via | medium | kanal | saluran | چینل | канал
tickets.topic       subject | category | reason | issue | topik | masalah | subjek | موضوع | тема | причина
    | категория
tickets.effort      customer effort | effort score | ces | usaha | усилия
tickets.minutes     handling time | minutes spent | duration | menit | دورانیہ | минуты | длительность
tickets.status      state | status tiket | حالت | статус
tickets.satisfaction    csat | rating | satisfaction score | kepuasan | اطمینان | оценка | удовлетворенность
""",
    "answers": WHO + """
answers.survey      survey name | survey id | form | survei | سروے | опрос | анкета
answers.respondent  respondent id | response id | responden | جواب دہندہ | респондент
answers.question    question text | pertanyaan | سوال | вопрос
answers.at          date | submitted at | answered at | date submitted | created at | completed at | tanggal | تاریخ
    | дата
answers.value       answer | response | jawaban | جواب | ответ
answers.number      score | rating | nilai | skor | оценка | балл
""",
    "accounts": """
accounts.account_id     id | company id | organisation id | organization id | account | id perusahaan | id компании
accounts.at             created at | customer since | дата создания
accounts.name           company | company name | account name | organisation | organization | nama perusahaan
    | perusahaan | کمپنی | کمپنی کا نام | компания | название компании | организация
accounts.industry       sector | branch | industri | bidang | صنعت | отрасль
accounts.employees      employee count | number of employees | headcount | size | staff | jumlah karyawan | karyawan
    | ملازمین | сотрудники | число сотрудников
accounts.revenue        annual revenue | turnover | omzet | pendapatan | آمدنی | выручка | оборот
accounts.founded        founded in | year founded | established | tahun berdiri | قیام | год основания | основана
accounts.stage          lifecycle stage | tahap | مرحلہ | стадия
accounts.country        country code | negara | ملک | страна
accounts.buying_process purchasing process | proses pembelian | процесс закупки
accounts.parent_account_id  parent | parent company | parent id | induk | материнская компания
""",
    "costs": """
costs.cost_id   id | cost | expense id
costs.at        date | day | month | spent on | tanggal | تاریخ | дата
costs.campaign  campaign name | kampanye | مہم | кампания
costs.channel   platform | medium | kanal | saluran | چینل | канал
costs.kind      type | category | expense type | jenis | قسم | вид | тип
costs.amount    spend | cost | amount spent | budget | total | expense | biaya | jumlah | pengeluaran | خرچ | رقم
    | расход | расходы | сумма | затраты
costs.currency  currency code | mata uang | валюта
""",
}

FILE_WORDS: dict[str, str] = {
    "customers": "customer customers client clients people pelanggan kontak گاہک клиент клиенты покупатели",
    "orders": "order orders sales transactions purchases invoices pesanan penjualan transaksi آرڈر заказ "
              "заказы продажи",
    "lines": "line lines items orderlines lineitems details rincian позиции",
    "products": "product products catalog catalogue items sku produk barang پروڈکٹ товар товары",
    "messages": "message messages emails sends pesan сообщения",
    "visits": "visit visits pageviews pages kunjungan визиты посещения",
    "checkouts": "checkout checkouts carts keranjang корзины",
    "events": "event events track peristiwa события",
    "tickets": "ticket tickets support cases tiket обращения",
    "answers": "answer answers responses survey jawaban ответы",
    "accounts": "account accounts companies organisations organizations perusahaan компании",
    "costs": "cost costs spend ads expenses biaya расходы",
}

SAME_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "أ": "ا", "إ": "ا", "آ": "ا",
                              "ё": "е", "ئ": "ی", "№": "no", "#": "no"})


@lru_cache(maxsize=20_000)
def squeezed(text: str) -> str:
    """A header or a word without case, marks, spaces and punctuation: ``Invoice No.`` and ``InvoiceNo`` alike."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(SAME_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain)


def singular(table: str) -> str:
    return table.removesuffix("s")


@lru_cache(maxsize=32)
def vocabulary(kind: str) -> dict[str, tuple[str, float]]:
    """Squeezed word -> (field, how surely): a field's own name outweighs a synonym, the table's own field another's."""
    found: dict[str, tuple[str, float]] = {}

    def learn(word: str, field: str, weight: float) -> None:
        known = found.get(squeezed(word))
        if known is None or weight > known[1]:
            found[squeezed(word)] = (field, weight)

    for field, words in _lines(KINDS[kind]):
        table, _, name = field.partition(".")
        own = 0.05 if table == kind else 0.0
        for place, word in enumerate(words):
            learn(word, field, 0.8 + own - place * 1e-4)
        learn(f"{table}.{name}", field, 1.0)
        learn(f"{singular(table)}.{name}", field, 1.0)
        learn(name, field, 0.9 if own else 0.75)
    for field, words in _lines(ABROAD.get(kind, "")):
        for word in words:
            learn(word, field, 0.7)
    for column in TABLES[kind].stated:
        if not column.name.endswith("_stated"):
            learn(column.name, _who(kind, column.name), 0.99)
            learn(f"{kind}.{column.name}", _who(kind, column.name), 1.0)
            learn(f"{singular(kind)}.{column.name}", _who(kind, column.name), 1.0)
    return found


def _who(kind: str, name: str) -> str:
    """A fact's customer is the customer; a line's order and moment are the order's."""
    if name == "customer_id":
        return "customers.customer_id"
    return f"orders.{name}" if kind == "lines" and name in ("order_id", "at") else f"{kind}.{name}"


def _lines(text: str) -> list[tuple[str, list[str]]]:
    whole = text.replace("\n    |", " |").strip()
    parted = (line.strip().partition(" ") for line in whole.splitlines() if line.strip())
    return [(field, [w.strip() for w in words.split("|") if w.strip()]) for field, _, words in parted
            if not field.endswith("_unused")]
