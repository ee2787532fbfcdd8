"""Shopify, Products > Export, in both dialects: one row a variant, further rows for further pictures."""

from __future__ import annotations

from regulars.intake.sources.layout import Export, Layout, select
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

LAYOUT = Layout("""
    products
    handle      text    Handle | URL handle
    name        text    Title
    category    text    Type | Product Category
    vendor      text    Vendor
    tags        texts   Tags
    product_id  key     Variant SKU | SKU
    price       money   Variant Price | Price
    unit_cost   money   Cost per item
    option1     text    Option1 Value
    option2     text    Option2 Value
    option3     text    Option3 Value
    barcode     key     Variant Barcode | Barcode
    status      text    Status
    image       text    Image Src | Product image URL
    own_image   text    Variant Image | Variant image URL
""")
OF_PRODUCT = ("name", "category", "vendor", "tags", "status", "image")


class ShopifyProducts(Export):
    """The product's own columns stand on its first row and hold for its further variants."""

    platform = "shopify"
    layout = LAYOUT

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "products")
        cells |= {
            f: cells.get(f, "NULL::VARCHAR")
            for f in ("option1", "option2", "option3", "barcode", "status", "product_id", "image", "own_image")
        }
        raw = select(stage.name, {"_row": "_row", **cells})
        shared = [f for f in OF_PRODUCT if f in cells]
        kept = [f for f in cells if f not in OF_PRODUCT and f != "handle"]
        filled = ", ".join(f"first_value({f} IGNORE NULLS) OVER whole AS {f}" for f in shared)
        whole = (
            f"SELECT _row, handle, {', '.join(kept)}, {filled} FROM ({raw}) WINDOW whole AS (PARTITION BY handle "
            "ORDER BY _row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        )
        variants = f"SELECT *, {VARIANT} AS variant FROM ({whole}) WHERE price IS NOT NULL OR product_id IS NOT NULL"
        return {"products": select(f"({variants})", _product(cells))}


VARIANT = "nullif(concat_ws(' / ', CASE WHEN fold(option1) <> 'default title' THEN option1 END, option2, option3), '')"


def _product(cells: dict[str, str]) -> dict[str, str]:
    """An order line calls a variant ``Title - Option / Option``: without a SKU that is what joins them. A variant
    without a picture of its own is shown as the product's first."""
    name = "concat_ws(' - ', name, variant)"
    out = {"_row": "_row", "product_id": f"coalesce(product_id, {name})", "name": name}
    out |= {f: f for f in ("vendor", "tags", "price", "unit_cost") if f in cells}
    if "category" in cells:
        out["category"] = "trim(split_part(category, '>', -1))"
    # json_object keeps unknown members as null, which says no more than leaving them out
    out["attributes"] = (
        "json_merge_patch('{}', json_object('handle', handle, 'option', variant, 'barcode', barcode, "
        "'status', fold(status), 'image', coalesce(own_image, image)))"
    )
    return out


class Classic(ShopifyProducts):
    name = "shopify-products"
    title = "Shopify products export"
    signature = ("Handle", "Title", "Variant Price")
    one_of = (("Variant SKU", "Variant Grams", "Option1 Name"),)


class Newer(ShopifyProducts):
    name = "shopify-products-2024"
    title = "Shopify products export (2024 and later)"
    signature = ("URL handle", "Title", "Price")
    one_of = (("Option1 name", "Published on online store", "SKU"),)


SOURCES = (Classic(), Newer())
