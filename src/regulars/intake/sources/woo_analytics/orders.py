"""WooCommerce, Analytics > Orders. A refund is a row of its own with a negative amount under its order's number."""

from __future__ import annotations

from regulars.engines.duckdb import quoted
from regulars.intake import findings
from regulars.intake.prepared import Finding
from regulars.intake.sources.layout import NTH_LINE, prefixed, rows, said, select, unknown_statuses
from regulars.intake.sources.woo_analytics.headers import ORDERS, columns_found, mapping
from regulars.intake.sources.woo_words import STATUSES
from regulars.intake.stage import Stage
from regulars.model.phrases import Said
from regulars.model.settings import Settings

NEEDED = {"number", "customer", "products"}
FIELDS = {
    "date": "orders.at",
    "number": "orders.order_id",
    "status": "orders.status",
    "customer": "orders.id_name",
    "products": "lines.product_name",
    "coupons": "orders.promo_code",
    "net": "orders.total",
    "source": "orders.channel",
}
ITEM = "(?:^|, )([0-9]+)(?:×|x) "


class WooAnalyticsOrders:
    """``total`` is the net sale (without tax and shipping): the report states no other."""

    name = "woo-analytics-orders"
    title = "WooCommerce Analytics orders report"
    platform = "woocommerce"

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        found = columns_found(headers, ORDERS)
        if not found >= NEEDED or len(found) < 7:
            return 0.0
        return min(1.0, 0.7 + 0.3 * len(found) / len(headers))

    def mapping(self, stage: Stage) -> dict[str, str]:
        return mapping(stage, ORDERS, FIELDS)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        records = rows(
            stage,
            {
                "order_id": prefixed("woocommerce", f"ltrim({stage.key(*ORDERS['number'])}, '#')"),
                "at": stage.moment(*ORDERS["date"]),
                "status": said(stage.text(*ORDERS["status"]), STATUSES),
                "promo_code": stage.text(*ORDERS["coupons"]),
                "net": stage.money(*ORDERS["net"]),
                "id_name": stage.text(*ORDERS["customer"]),
                "products": stage.text(*ORDERS["products"]),
            },
        )
        return {"orders": _orders(records), "lines": _lines(records)}

    def findings(self, stage: Stage) -> tuple[Finding, ...]:
        return unknown_statuses(stage)

    def cautions(self, stage: Stage) -> tuple[Said, ...]:
        return (findings.only_by_name(),)


def _orders(records: str) -> str:
    bought = "coalesce(net, 0) >= 0"
    columns = {"_row": "min(_row)", "order_id": "order_id"}
    columns |= {
        f: f"coalesce(arg_min({quoted(f)}, _row) FILTER ({bought}), arg_min({quoted(f)}, _row))"
        for f in ("at", "status", "promo_code", "id_name")
    }
    total = f"sum(net) FILTER ({bought})"
    refunded = f"-sum(net) FILTER (NOT ({bought}))"
    columns |= {"total": total, "subtotal": total, "refunded": refunded}
    return select(f"({records})", columns, "order_id IS NOT NULL", "GROUP BY order_id")


def _lines(records: str) -> str:
    """``2× Brick, 1× Sand, fine``: a number and a times sign begin an item, a comma alone does not end one."""
    marked = f"regexp_replace(products, '{ITEM}', chr(30) || '\\1' || chr(31), 'g')"
    items = (
        f"SELECT _row, order_id, unnest(string_split(trim({marked}, chr(30)), chr(30))) AS item, "
        f"generate_subscripts(string_split(trim({marked}, chr(30)), chr(30)), 1) AS nth FROM ({records}) "
        "WHERE order_id IS NOT NULL AND products IS NOT NULL AND coalesce(net, 0) >= 0"
    )
    name = "trim(split_part(item, chr(31), 2))"
    return select(
        f"({items})",
        {
            "_row": "_row",
            "order_id": "order_id",
            "line": NTH_LINE,
            "product_id": name,
            "product_name": name,
            "quantity": "try_cast(split_part(item, chr(31), 1) AS DECIMAL(18,4))",
        },
        f"{name} <> ''",
    )


SOURCES = (WooAnalyticsOrders(),)
