from django.apps import AppConfig


class MaturityConfig(AppConfig):
    """Establishing a team, judging how mature it is, and finding a mentor."""

    name = "tcert.community.maturity"
    label = "maturity"

    def ready(self) -> None:
        """Load rules and jobs; put the room on a team's page, into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions, team_cards, team_links
        from tcert.community.maturity import (  # noqa: F401
            jobs,
            rules,
            team_card,
            waiting,
        )
        from tcert.community.maturity.models import Assessment, MentorRequest
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        contributions.register(
            "maturity:mentored",
            kind="mentored",
            label=_("Mentored a young team"),
            how=_("Offer to be a mentor to a young team"),
            url="maturity:mentors",
        )
        team_cards.register(team_card.card)
        team_links.register(_("Establish the team"), "maturity:path")
        team_links.register(_("Maturity (SIM3)"), "maturity:assessments")
        register_waiting(waiting.next_steps)
        register_waiting(waiting.endings)
        records.confine("assessment", Assessment.objects.visible_to)
        records.confine("mentor-request", MentorRequest.objects.visible_to)
        community = navigation.Section.COMMUNITY
        navigation.register(
            community, _("Establish a team"), "maturity:start", Permission.MATURITY_PATH_READ, 16
        )
        navigation.register(
            community, _("Mentors"), "maturity:mentors", Permission.MATURITY_MENTOR_READ, 17
        )
        navigation.register(
            navigation.Section.DESK,
            _("Teams to establish"),
            "maturity:survey",
            Permission.MATURITY_PATHS_READ,
            order=46,
        )
