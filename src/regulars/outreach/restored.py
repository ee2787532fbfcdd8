"""A shop that was brought back does not know what was sent after the copy was made: it sends nothing by itself."""

from __future__ import annotations

from pathlib import Path

from regulars.model.phrases import as_text
from regulars.outreach import reasons, states
from regulars.outreach.automations.automation import ON
from regulars.outreach.automations.automation import PAUSED as HALTED
from regulars.outreach.campaign import DRAFT, ONCE, PAUSED, SCHEDULED, SENDING
from regulars.outreach.states import listed
from regulars.outreach.store import FILE, Store

RESTORED = "restored"


def calm(folder: Path) -> None:
    """Pause what was under way or scheduled, mark drafts, which may have been sent since, and call unknown whatever
    was being handed over."""
    if not (folder / FILE).exists():
        return
    store = Store(folder)
    try:
        with store.writing() as c:
            c.execute(f"UPDATE campaigns SET state = '{PAUSED}', why = ? WHERE state = '{SENDING}'", [RESTORED])
            c.execute(f"UPDATE campaigns SET state = '{DRAFT}', why = ? WHERE state = '{SCHEDULED}' OR "
                      f"(state = '{DRAFT}' AND json_extract(doc, '$.kind') = '{ONCE}')", [RESTORED])
            c.execute(f"UPDATE automations SET state = '{HALTED}', why = ? WHERE state = '{ON}'",
                      [as_text(reasons.PAUSED[RESTORED])])
            c.execute(f"UPDATE deliveries SET state = '{states.UNKNOWN}', claim = NULL WHERE state = "
                      f"'{states.SENDING}' OR (claim IS NOT NULL AND state IN ({listed(states.WAITING)}))")
    finally:
        store.close()
