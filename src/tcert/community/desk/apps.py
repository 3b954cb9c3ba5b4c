from django.apps import AppConfig


class DeskConfig(AppConfig):
    """How coordinators keep watch over each other: interests, sessions, acts of two."""

    name = "tcert.community.desk"
    label = "desk"

    def ready(self) -> None:
        """Load the rules, and demand a declaration before coordinator rights open."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.accounts.domain import staff
        from tcert.community.desk import jobs, queries, rules, waiting  # noqa: F401
        from tcert.community.desk.domain import declarations
        from tcert.community.directory import departures
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        staff.demand(queries.undeclared)
        departures.register(declarations.remember_places)
        register_waiting(waiting.declaration)
        register_waiting(waiting.acts_of_two)
        register_waiting(waiting.staff_sessions)
        navigation.register(
            navigation.Section.DESK,
            _("Staff sessions"),
            "desk:sessions",
            Permission.DESK_SESSION_REVIEW,
            order=815,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Acts of two"),
            "desk:acts",
            Permission.DESK_ACTS_DECIDE,
            order=810,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Deputy"),
            "desk:deputy",
            Permission.DESK_DEPUTY_NAME,
            order=830,
        )
        navigation.register(
            navigation.Section.ACCOUNT,
            _("Your interests"),
            "desk:declaration",
            Permission.DESK_INTERESTS_DECLARE,
            order=45,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Interests"),
            "desk:interests",
            Permission.DESK_INTERESTS_READ,
            order=820,
        )
