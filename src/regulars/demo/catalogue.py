"""What the shop sells: a builder's yard with garden, home, gifts and a record corner. Every name is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

GOODS = """
# Bricks | bulk
Handform brick red | 0.72 | 0.54 | Kleihof | 3 | 120 | 420
Handform brick sepia | 0.78 | 0.58 | Kleihof | 2 | 120 | 420
Waal paving brick | 0.64 | 0.49 | Rivierklei | 3 | 160 | 500
Facade brick anthracite | 0.95 | 0.71 | Kleihof | 2 | 100 | 360
Reclaimed brick mixed | 1.10 | 0.80 | Tweede Leven | 1 | 90 | 240
Firebrick | 2.60 | 1.85 | Vuurvast | 1 | 30 | 60
# Sand | bulk
Mason sand 25 kg | 4.20 | 2.70 | Rivierklei | 1 | 6 | 22
Paving sand big bag | 58.00 | 43.00 | Rivierklei | 0.4 | 1 | 2
# Cement | bulk
Portland cement 25 kg | 7.90 | 5.90 | Grauw | 1 | 4 | 14
Pointing mortar 25 kg | 9.80 | 6.80 | Grauw | 0.5 | 2 | 6
# Timber | bulk
Spruce batten 2.7 m | 4.60 | 3.20 | Noordhout | 3 | 6 | 30
Larch plank 3 m | 14.50 | 10.40 | Noordhout | 2 | 6 | 24
Plywood sheet 18 mm | 44.00 | 32.50 | Noordhout | 2 | 1 | 6
Oak beam 3 m | 96.00 | 68.00 | Noordhout | 1 | 1 | 4
Fence post impregnated | 9.90 | 6.60 | Noordhout | 2 | 6 | 20
# Paint
Wall paint matt white 5 l | 39.50 | 22.00 | Krijt & Co | 4 | 1 | 4
Wall paint soft clay 2.5 l | 34.50 | 18.50 | Krijt & Co | 2 | 1 | 2
Wall paint sea green 2.5 l | 34.50 | 18.50 | Krijt & Co | 2 | 1 | 2
Ceiling paint 5 l | 36.00 | 21.00 | Krijt & Co | 2 | 1 | 3
Exterior gloss white 2.5 l | 54.00 | 31.00 | Stormvast | 2 | 1 | 3
Exterior satin dark blue 2.5 l | 54.00 | 31.00 | Stormvast | 1.5 | 1 | 2
Garden stain oak 2.5 l | 32.00 | 18.00 | Stormvast | 2 | 1 | 2
Metal primer 0.75 l | 21.00 | ? | Stormvast | 1 | 1 | 2
# Painting gear
Roller kit 25 cm | 12.50 | 6.20 | Vacht | 1 | 1 | 2
Brush set of five | 16.90 | 8.10 | Vacht | 1 | 1 | 2
# Tools
Claw hammer | 18.90 | 10.20 | Ambacht | 2 | 1 | 1
Spirit level 60 cm | 24.50 | 13.00 | Ambacht | 2 | 1 | 1
Cordless drill 18 V | 139.00 | 96.00 | Vonk | 2 | 1 | 1
Angle grinder | 89.00 | 62.00 | Vonk | 1.5 | 1 | 1
Folding ladder 3.2 m | 119.00 | 81.00 | Opstap | 1 | 1 | 1
Screwdriver set | 29.50 | 14.80 | Ambacht | 3 | 1 | 1
Mixing bucket 45 l | 8.50 | 4.10 | Ambacht | 2 | 1 | 2
Work gloves | 9.80 | 4.30 | Ambacht | 3 | 2 | 5
# Flooring
Laminate natural oak per pack | 32.00 | 21.50 | Vloerhuys | 3 | 6 | 14
Laminate grey ash per pack | 29.00 | 19.80 | Vloerhuys | 2 | 6 | 14
Cork floor per pack | 48.00 | 32.00 | Vloerhuys | 1 | 5 | 8
Vinyl plank stone per pack | 41.00 | 27.50 | Vloerhuys | 2 | 5 | 10
# Floor underlay
Underlay roll 10 m2 | 23.50 | 13.20 | Vloerhuys | 1 | 2 | 4
# Wallpaper
Wallpaper birch wood | 27.90 | 14.50 | Krijt & Co | 2 | 3 | 4
Wallpaper linen stripe | 24.90 | 12.90 | Krijt & Co | 2 | 3 | 4
Wallpaper heron | 34.90 | 17.40 | Krijt & Co | 1 | 3 | 3
# Wallpaper paste
Wallpaper paste 500 g | 8.90 | 4.20 | Krijt & Co | 1 | 1 | 2
# Lighting
Pendant lamp brass | 89.00 | 48.00 | Schemer | 2 | 1 | 2
Reading lamp black | 59.00 | 31.00 | Schemer | 2 | 1 | 1
Wall lamp frosted | 45.00 | 24.00 | Schemer | 2 | 1 | 2
Outdoor lantern | 64.00 | 35.50 | Schemer | 2 | 1 | 2
# Light bulbs
Dimmable bulb warm white | 7.90 | 3.60 | Schemer | 1 | 3 | 6
# Garden plants | spring
Lavender pot 2 l | 6.50 | 3.10 | Bloeihof | 4 | 3 | 6
Hydrangea blue 5 l | 19.50 | 10.20 | Bloeihof | 3 | 1 | 2
Climbing rose | 16.90 | 8.80 | Bloeihof | 3 | 1 | 2
Olive tree 90 cm | 49.00 | 28.00 | Bloeihof | 1.5 | 1 | 2
Boxwood ball | 22.50 | 12.10 | Bloeihof | 2 | 2 | 4
Herb tray mixed | 14.90 | ? | Bloeihof | 3 | 1 | 1
Tulip bulbs 40 | 11.50 | 5.40 | Bloeihof | 3 | 1 | 2
Fern shade 3 l | 12.50 | 6.30 | Bloeihof | 2 | 1 | 2
Japanese maple | 69.00 | 41.00 | Bloeihof | 1 | 1 | 1
# Garden projects | spring
Lawn seed 2 kg | 18.50 | 9.60 | Groenweg | 2 | 1 | 3
Raised bed kit larch | 79.00 | 48.00 | Noordhout | 1.5 | 1 | 2
Pond liner 4 x 5 m | 64.00 | 40.00 | Groenweg | 1 | 1 | 1
# Soil & feed | spring
Potting soil 40 l | 7.20 | 3.90 | Groenweg | 1 | 3 | 6
Rose feed 1 kg | 9.90 | 4.60 | Groenweg | 2 | 1 | 2
Compost 30 l | 5.80 | 3.20 | Groenweg | 2 | 3 | 6
# Lawn feed | spring
Lawn fertiliser 4 kg | 21.50 | 11.20 | Groenweg | 1 | 1 | 2
# Pond care | spring
Pond pump 20 W | 52.00 | 33.00 | Groenweg | 1 | 1 | 1
# Seeds | spring
Vegetable seed box | 17.50 | 7.80 | Groenweg | 1 | 1 | 1
# Garden furniture | summer
Teak bench 150 cm | 289.00 | 182.00 | Buitenkamer | 1.5 | 1 | 1
Bistro set two chairs | 179.00 | 112.00 | Buitenkamer | 2 | 1 | 1
Parasol 3 m | 129.00 | ? | Buitenkamer | 2 | 1 | 1
Lounge chair rope | 149.00 | 94.00 | Buitenkamer | 2 | 1 | 1
# Furniture covers | summer
Furniture cover large | 39.00 | 19.00 | Buitenkamer | 1 | 1 | 1
# Barbecue | summer
Kettle barbecue 57 cm | 189.00 | 122.00 | Gloed | 2 | 1 | 1
Table barbecue | 79.00 | 48.00 | Gloed | 2 | 1 | 1
Fire bowl steel | 99.00 | 58.00 | Gloed | 1 | 1 | 1
# Charcoal | summer
Charcoal 10 kg | 16.50 | 9.40 | Gloed | 1 | 1 | 2
# Firelighters | summer
Natural firelighters | 5.90 | 2.40 | Gloed | 1 | 1 | 2
# Gifts | gift
Scented candle fig | 19.50 | 8.70 | Huis & Haard | 4 | 1 | 1
Ceramic vase speckled | 34.50 | 15.60 | Huis & Haard | 3 | 1 | 1
Wool throw herringbone | 69.00 | 34.00 | Wolkje | 2 | 1 | 1
Tea set stoneware | 54.00 | 25.00 | Huis & Haard | 2 | 1 | 1
Picture frame walnut | 24.50 | 10.80 | Huis & Haard | 3 | 1 | 1
Music box cherry wood | 39.00 | 18.00 | Speelgoud | 2 | 1 | 1
Wooden train set | 44.50 | 21.00 | Speelgoud | 2 | 1 | 1
Chocolate box 24 pieces | 22.50 | 10.90 | Cacaohof | 4 | 1 | 1
Silver photo locket | 79.00 | ? | Fonkel | 1 | 1 | 1
Bird feeder copper | 29.50 | 13.70 | Huis & Haard | 2 | 1 | 1
Cookbook stand oak | 36.00 | 16.50 | Huis & Haard | 2 | 1 | 1
Gift basket garden | 49.50 | 26.00 | Groenweg | 2 | 1 | 1
# Gift wrap | gift
Gift wrap and ribbon | 4.90 | 1.40 | Huis & Haard | 1 | 1 | 1
# Stationery & trinkets
Enamel pin fox | 6.50 | 2.10 | Kleingoed | 4 | 1 | 1
Sticker sheet mushrooms | 3.90 | 0.90 | Kleingoed | 4 | 2 | 1
Pocket notebook dotted | 7.50 | 2.90 | Kleingoed | 3 | 1 | 1
Washi tape trio | 6.90 | 2.30 | Kleingoed | 3 | 1 | 1
Mini cactus in cup | 8.50 | 3.80 | Bloeihof | 3 | 1 | 1
Hair clip pearl | 5.90 | 1.70 | Kleingoed | 3 | 1 | 1
Phone charm beads | 7.90 | 2.40 | Kleingoed | 3 | 1 | 1
Tiny candle pear | 6.50 | 2.20 | Huis & Haard | 2 | 1 | 1
Postcard set cats | 5.50 | 1.50 | Kleingoed | 3 | 1 | 1
Tote bag sunflower | 12.50 | 4.90 | Kleingoed | 2 | 1 | 1
Mug frog | 11.90 | 4.80 | Kleingoed | 3 | 1 | 1
Gel pen set | 8.90 | 3.10 | Kleingoed | 3 | 1 | 1
# Books
The Patient Gardener | 24.90 | 15.20 | Papieren Huis | 2 | 1 | 1
Bricklaying for Beginners | 29.50 | 18.00 | Papieren Huis | 1 | 1 | 1
A House of Colours | 34.00 | 20.50 | Papieren Huis | 2 | 1 | 1
Listening Rooms | 27.50 | 16.80 | Papieren Huis | 2 | 1 | 1
Bread from the Fire Bowl | 26.00 | ? | Papieren Huis | 2 | 1 | 1
Birds of the Back Garden | 19.90 | 12.00 | Papieren Huis | 2 | 1 | 1
# Record players
Turntable walnut | 219.00 | 149.00 | Naald | 1 | 1 | 1
# Record care
Antistatic inner sleeves 50 | 14.90 | 6.80 | Naald | 1 | 1 | 1
# Record brushes
Carbon record brush | 17.50 | 7.60 | Naald | 1 | 1 | 1
"""

ARTISTS = ("Vera Lindqvist Trio", "The Paper Herons", "Nachtbus 12", "Orla Quill", "Salt & Lanterns", "Mirza Rang",
           "Kapitein Fluister", "Blue Polder", "Anouschka Veldt", "The Slow Tramways", "Gamelan Machine", "Zima Choir")
ALBUM_WORDS = ("Harbour", "Winter Garden", "Second Letter", "Small Hours", "Copper", "Field Notes", "Signal",
               "Homecoming", "Tides", "The Long Street", "Glass", "Northbound")
RECORDS = "Records"

COMPLEMENTS: tuple[tuple[str, str, float], ...] = (
    ("Bricks", "Mason sand 25 kg", 0.72), ("Bricks", "Portland cement 25 kg", 0.66),
    ("Wall paint matt white 5 l", "Roller kit 25 cm", 0.62), ("Wall paint soft clay 2.5 l", "Roller kit 25 cm", 0.62),
    ("Wall paint sea green 2.5 l", "Roller kit 25 cm", 0.62), ("Ceiling paint 5 l", "Roller kit 25 cm", 0.62),
    ("Exterior gloss white 2.5 l", "Brush set of five", 0.6),
    ("Exterior satin dark blue 2.5 l", "Brush set of five", 0.6),
    ("Garden stain oak 2.5 l", "Brush set of five", 0.6), ("Metal primer 0.75 l", "Brush set of five", 0.6),
    ("Flooring", "Underlay roll 10 m2", 0.7), ("Wallpaper", "Wallpaper paste 500 g", 0.75),
    ("Lighting", "Dimmable bulb warm white", 0.65), ("Barbecue", "Charcoal 10 kg", 0.65),
    ("Barbecue", "Natural firelighters", 0.55), ("Lawn seed 2 kg", "Lawn fertiliser 4 kg", 0.65),
    ("Raised bed kit larch", "Potting soil 40 l", 0.7), ("Pond liner 4 x 5 m", "Pond pump 20 W", 0.6),
    ("Garden furniture", "Furniture cover large", 0.5), ("Gifts", "Gift wrap and ribbon", 0.4),
    ("Turntable walnut", "Carbon record brush", 0.6),
)
"""Planted: an order with the left one (a product, or any of a category) also has the right one, with that chance."""

SEQUENCES: tuple[tuple[str, str, int, float], ...] = (
    ("Raised bed kit larch", "Vegetable seed box", 60, 0.55),
    ("Turntable walnut", "Antistatic inner sleeves 50", 90, 0.5),
    ("Kettle barbecue 57 cm", "Charcoal 10 kg", 60, 0.4),
)
"""Planted: the customer's next order, if within so many days, has the right one with that chance."""

SEASONS = {"spring": (0.3, 0.5, 1.6, 2.4, 2.4, 1.6, 1.0, 0.8, 0.9, 0.7, 0.3, 0.2),
           "summer": (0.2, 0.3, 0.7, 1.4, 2.0, 2.4, 2.2, 1.4, 0.6, 0.3, 0.2, 0.2),
           "gift": (0.6, 1.0, 0.8, 0.8, 1.3, 1.0, 0.7, 0.7, 0.8, 0.9, 1.6, 2.4)}
"""How much a category is wanted in each month, 1 on average or nearly so."""


@dataclass(frozen=True)
class Product:
    """``price`` and ``cost`` in euro, ``cost`` unknown where the shop has lost track; ``pieces`` retail and in bulk."""

    name: str
    category: str
    brand: str
    price: float
    cost: float | None
    weight: float
    pieces: tuple[float, float] = (1, 1)
    season: str = ""
    released: int | None = None
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Catalogue:
    """``released`` counts months before the shop's now; records of one artist stand together, oldest first."""

    products: tuple[Product, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p.category for p in self.products))

    def named(self, name: str) -> tuple[int, ...]:
        """Positions of the product of that name, or of all products of that category."""
        return tuple(at for at, p in enumerate(self.products) if name in (p.name, p.category))

    def pairs(self) -> tuple[tuple[int, int, float], ...]:
        """Planted complements, product by product."""
        return tuple((left, right, chance) for name, other, chance in COMPLEMENTS
                     for left in self.named(name) for right in self.named(other))


@cache
def catalogue() -> Catalogue:
    return Catalogue((*_goods(), *_records()))


def _goods() -> Iterator[Product]:
    category, kind = "", ""
    for line in GOODS.strip().splitlines():
        if line.startswith("#"):
            category, _, kind = (part.strip() for part in line[1:].partition("|"))
            continue
        name, price, cost, brand, weight, retail, bulk = (part.strip() for part in line.split("|"))
        tags = ("heavy",) if kind == "bulk" else (kind,) if kind else ()
        yield Product(name, category, brand, float(price), None if cost == "?" else float(cost), float(weight),
                      (float(retail), float(bulk)), kind if kind in SEASONS else "", tags=tags)


def _records() -> Iterator[Product]:
    for at, artist in enumerate(ARTISTS):
        for album, word in enumerate(ALBUM_WORDS):
            price = 24.9 + 2 * ((at + album) % 4)
            yield Product(f"{artist}: {word}", RECORDS, artist, price, round(price * 0.64, 2), 1.0,
                          released=_months_before(at, album), tags=("vinyl",))


def _months_before(artist: int, album: int) -> int:
    """Half of an artist's twelve records are older than the shop's history, the others come every six months or so."""
    if album < 6:
        return 48 + 9 * (5 - album)
    return (11 - album) * 6 + artist % 6
