"""What the pages keep of customers beside the facts, taken out with them: notes, webhooks that tell of them, and
who was asked to be worked out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from regulars.app.customers.models import Note
from regulars.app.insights.kept import INSIGHT
from regulars.app.jobs.models import Job
from regulars.app.live.models import Delivery
from regulars.segments.memberships import ERASED


def forget(customers: Sequence[str]) -> None:
    """Of these ids nothing is kept any more; webhooks that wait are not sent, but for what says that they left."""
    Note.objects.filter(customer_id__in=customers).delete()
    told = f'"why": {json.dumps(ERASED)}'
    Delivery.objects.filter(customer_id__in=customers).exclude(body__contains=told).delete()
    Job.objects.filter(kind=INSIGHT, asked__parameters__customer__in=customers).delete()
