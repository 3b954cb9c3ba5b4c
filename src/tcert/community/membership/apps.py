from django.apps import AppConfig


class MembershipConfig(AppConfig):
    """Who stands for whom: vouches of teams for teams, and the path of trust between them."""

    name = "tcert.community.membership"
    label = "membership"

    def ready(self) -> None:
        """Load rules and jobs; put the room on a team's page, into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions, team_cards
        from tcert.community.membership import (  # noqa: F401
            jobs,
            rules,
            team_card,
            waiting,
        )
        from tcert.community.membership.models import Vouch
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        team_cards.register(team_card.card)
        contributions.register(
            "membership:vouched",
            kind="vouch-given",
            label=_("Vouched for another team"),
            how=_("Vouch for a team that you have worked with"),
            url="membership:vouches",
            credits="by",
            most=1,
            daily=True,
        )
        register_waiting(waiting.vouches)
        register_waiting(waiting.reviews)
        records.confine("vouch", Vouch.objects.visible_to)
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Vouches"),
            "membership:vouches",
            Permission.MEMBERSHIP_VOUCH_READ,
            order=15,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Teams below two"),
            "membership:review",
            Permission.MEMBERSHIP_REVIEW,
            order=45,
        )
