"""What the pages keep of customers beside the facts, taken out with them: notes, webhooks that tell of them, and
who was asked to be worked out."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.app.customers.models import Note
from regulars.app.insights.kept import INSIGHT
from regulars.app.jobs.models import Job
from regulars.app.live.models import Delivery


def forget(customers: Sequence[str]) -> None:
    """Of these ids nothing is kept any more; webhooks that still wait are not sent."""
    Note.objects.filter(customer_id__in=customers).delete()
    Delivery.objects.filter(customer_id__in=customers).delete()
    Job.objects.filter(kind=INSIGHT, asked__parameters__customer__in=customers).delete()
