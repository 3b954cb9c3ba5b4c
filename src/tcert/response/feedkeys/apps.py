from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedKeysConfig(AppConfig):
    """Keys with which a member's program reads what is published for members."""

    name = "tcert.response.feedkeys"
    label = "feedkeys"

    def ready(self) -> None:
        """Load rules and jobs, and say where the page stands and what waits there."""
        from tcert.community.directory import departures
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting
        from tcert.response.feedkeys import jobs, rules, waiting  # noqa: F401
        from tcert.response.feedkeys.domain import keys

        departures.register(keys.end_of_who_left)
        register_waiting(waiting.ending)
        navigation.register(
            navigation.Section.ACCOUNT,
            _("Feed keys"),
            "feedkeys:keys",
            Permission.FEEDKEYS_OWN_MANAGE,
            order=35,
        )
