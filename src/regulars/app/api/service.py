"""The API put together: every address needs a key with the scope for it."""

from __future__ import annotations

from ninja.throttling import AuthRateThrottle

from regulars.app.api import automations_written, campaigns, changes, coming, lists, people, same, saying, segments
from regulars.app.api.keys import Bearer
from regulars.app.api.problems import Api, handle

RATE = "600/m"
api = Api(title="Regulars", version="1", urls_namespace="api", docs_url=None, auth=Bearer(),
          throttle=[AuthRateThrottle(RATE)],
          description="Segments, members, customers, campaigns, automations, imports and analyses of one shop. "
                      "Send a key as `Authorization: Bearer rk_…`; errors are problem+json; lists go on by cursor; a "
                      "POST with an `Idempotency-Key` is done once.")
handle(api)
for part in (segments, people, same, campaigns, automations_written, lists, changes, coming, saying):
    api.add_router("", part.router)
