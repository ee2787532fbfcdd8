"""Settings in the navigation."""

from django.utils.translation import gettext_lazy as _

from regulars.app.base.navigation import Page
from regulars.app.doors import roles

PAGE = Page(_("Settings"), "settings:all", 90,
            ("doors:people", "doors:log", "automations:channels", "automations:channel"), roles.RUN)
