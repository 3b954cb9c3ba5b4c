from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """The stranger's side: report, receipt and mailbox; small enough to audit in an hour."""

    name = "tcert.response.intake"
    label = "intake"

    def ready(self) -> None:
        """Load the rules and register the two links that strangers look for."""
        from tcert.foundation.ui import navigation
        from tcert.response.intake import rules  # noqa: F401
        from tcert.response.routing import ways_on

        section = navigation.Section.PUBLIC
        navigation.register(section, _("Report"), "intake:report", order=10)
        navigation.register(section, _("My receipt"), "intake:mailbox", order=20)
        ways_on.register(
            _("Report it to this hub: the desk finds who is concerned"), "intake:report"
        )
