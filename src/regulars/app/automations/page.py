"""Automations in the navigation."""

from django.utils.translation import gettext_lazy as _

from regulars.app.base.navigation import Page

PAGE = Page(_("Automations"), "automations:all", 76)
