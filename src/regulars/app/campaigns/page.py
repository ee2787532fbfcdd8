"""Campaigns in the navigation."""

from django.utils.translation import gettext_lazy as _

from regulars.app.base.navigation import Page

PAGE = Page(_("Campaigns"), "campaigns:all", 75, ("automations:list", "automations:making", "automations:made"))
