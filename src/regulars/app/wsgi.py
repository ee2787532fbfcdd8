"""The pages as a WSGI application, for a process that has the facts open (`regulars.app.facts.open_facts`)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.app.settings")
application = get_wsgi_application()
