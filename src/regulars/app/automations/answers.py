"""What providers tell of messages they took: signed with the channel's secret, as the messages were.

``POST /channels/answers/<channel>/`` with JSON ``{"id": "o17", "kind": "delivered"}``: ``id`` is the ``webhook-id`` of
the message; ``kind`` one of `KINDS`. ``text`` may say what was answered: STOP and the like is leaving.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from regulars.app.facts import the_shop
from regulars.errors import NotFound
from regulars.outreach import settings as kept
from regulars.outreach.channels import signing
from regulars.shop import Shop

KINDS = ("delivered", "replied", "clicked", "opened", "bounced", "complained", "unsubscribed")
LARGEST = 20_000
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "berhenti", "henti", "стоп", "отписаться",
                  "بند", "بند کریں", "روکیں"})
"""What people write who want no more; the first six are those that American carriers ask for (CTIA guidelines)."""
NUMBER = re.compile(r"o([1-9][0-9]{0,17})")


@require_POST
@csrf_exempt
@login_not_required
def answers(request: HttpRequest, name: str) -> HttpResponse:
    """200 when it is on disk; 401 for what is not signed with the channel's secret, 400 for what is no answer."""
    shop, body = the_shop(), request.body[:LARGEST + 1]
    said = {f"webhook-{part}": request.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")}
    if not signing.holds(_secret(shop, name), said, body, int(shop.moment().timestamp())):
        return JsonResponse({"error": "live.refused"}, status=401)
    answer = _read(body)
    if answer is None or not _of_channel(shop, name, answer[0]):
        return JsonResponse({"error": "live.refused"}, status=400)
    number, kind, text = answer
    shop.campaigns.respond(number, kind, shop.moment(), said=text)
    return JsonResponse({"ok": True})


def _secret(shop: Shop, name: str) -> str:
    try:
        return str(kept.of_channel(shop.campaigns.store, shop.folder, name).get("secret") or "")
    except NotFound:
        return ""


def _read(body: bytes) -> tuple[int, str, str] | None:
    """Delivery, kind and what was said; None for what is no answer."""
    try:
        data: Any = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    found, kind, text = NUMBER.fullmatch(str(data.get("id"))), str(data.get("kind")), str(data.get("text") or "")
    if kind == "replied" and " ".join(text.lower().split()).strip(".! ") in STOP:
        kind = "unsubscribed"
    return (int(found[1]), kind, text[:300]) if found and kind in KINDS else None


def _of_channel(shop: Shop, name: str, delivery: int) -> bool:
    return bool(shop.campaigns.store.rows("SELECT 1 FROM deliveries WHERE id = ? AND channel = ?", [delivery, name]))
