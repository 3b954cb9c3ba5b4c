from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """What the law makes organisations report, and what they state to who reports to them."""

    name = "tcert.community.duties"
    label = "duties"

    def ready(self) -> None:
        """Load the rules; put the room into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import organisation_cards
        from tcert.community.duties import organisation_card, rules, waiting  # noqa: F401
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        organisation_cards.register(organisation_card.card)
        register_waiting(waiting.duties)
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Duties to report"),
            "duties:everybody",
            Permission.DUTIES_READ,
            order=35,
        )
