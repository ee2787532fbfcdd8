"""Bring in, in the navigation."""

from django.utils.translation import gettext_lazy as _

from regulars.app.base.navigation import Page

PAGE = Page(_("Bring in"), "bring_in:all", 20, inside=("sources:all", "sources:one"))
