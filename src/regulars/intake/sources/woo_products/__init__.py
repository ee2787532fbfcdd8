"""WooCommerce, Products > Export. Variations carry price and SKU, their parent the categories and tags."""

from __future__ import annotations

from regulars.intake.sources.layout import Export, Layout, select
from regulars.intake.stage import Stage
from regulars.model.settings import Settings


class WooProducts(Export):
    name = "woo-products"
    title = "WooCommerce products export"
    platform = "woocommerce"
    signature = ("Type", "SKU", "Name", "Regular price", "Categories")
    one_of = (("ID", "Published", "Is featured?"), ("Visibility in catalog", "Visibility in catalogue", "Tax status"))
    layout = Layout("""
        products
        number      key     ID
        kind        text    Type
        product_id  key     SKU
        name        text    Name
        category    text    Categories
        tags        texts   Tags
        brand       text    Brands | Brand
        price       money   Regular price
        unit_cost   money?  Meta: _wc_cog_cost | Meta: _alg_wc_cog_cost | Meta: _wc_cost_of_good | Cost of goods
        barcode     key     GTIN, UPC, EAN, or ISBN | GTIN
        parent      key     Parent
        image       text    Images
        url         text    External URL
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "products")
        cells |= {f: cells.get(f, "NULL::VARCHAR") for f in ("number", "brand", "barcode", "parent", "image", "url")}
        cells.setdefault("tags", "NULL::VARCHAR[]")
        raw = select(stage.name, {"_row": "_row", **cells})
        shared = ("category", "tags", "brand", "image")
        # a variation names its parent by SKU, or by number where that has none
        parents = (
            f"SELECT unnest([product_id, 'id:' || number]) AS named, {', '.join(f'{f} AS of_{f}' for f in shared)} "
            f"FROM ({raw}) WHERE parent IS NULL"
        )
        inherited = ", ".join(f"coalesce(v.{f}, p.of_{f}) AS {f}" for f in shared)
        joined = (
            f"SELECT v.* EXCLUDE ({', '.join(shared)}), {inherited} "
            f"FROM ({raw}) v LEFT JOIN ({parents}) p ON v.parent = p.named"
        )
        return {
            "products": select(
                f"({joined})",
                _product(cells),
                "coalesce(product_id, name) IS NOT NULL",
                "QUALIFY row_number() OVER (PARTITION BY coalesce(product_id, name) ORDER BY _row) = 1",
            )
        }


def _product(cells: dict[str, str]) -> dict[str, str]:
    """Without a SKU a product goes by its name, as it stands on an order line. Of categories the first
    counts, by its last step; of pictures the first is shown."""
    out = {
        "_row": "_row",
        "product_id": "coalesce(product_id, name)",
        "name": "name",
        "brand": "brand",
        "tags": "tags",
        "category": "trim(split_part(split_part(category, ',', 1), '>', -1))",
        "price": "price",
    }
    if "unit_cost" in cells:
        out["unit_cost"] = "unit_cost"
    out["attributes"] = (
        "json_merge_patch('{}', json_object('id', number, 'type', fold(kind), 'parent', parent, 'barcode', barcode, "
        "'image', nullif(trim(split_part(image, ',', 1)), ''), 'url', url))"
    )
    return out


SOURCES = (WooProducts(),)
