"""Where advisories are found."""

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui import navigation
from tcert.foundation.ui.navigation import Section

navigation.register(
    Section.PUBLIC, _("Advisories"), "advisories:list", Permission.ADVISORIES_READ, 20
)
navigation.register(
    Section.RESPONSE, _("Advisories"), "advisories:list", Permission.ADVISORIES_READ, 40, key="a"
)
navigation.register(
    Section.DESK, _("Advisory texts"), "advisories:work", Permission.ADVISORIES_START, 40
)
