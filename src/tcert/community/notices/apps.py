from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """How teams are told: mail, digest, hooks that page; and how they say that they have seen."""

    name = "tcert.community.notices"
    label = "notices"

    def ready(self) -> None:
        """Load rules, jobs and inspections, and put the room's link on the page of a team."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import team_links
        from tcert.community.notices import inspections, jobs, rules  # noqa: F401

        team_links.register(_("How the team is told"), "notices:team")
