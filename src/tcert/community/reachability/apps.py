from django.apps import AppConfig


class ReachabilityConfig(AppConfig):
    """Whether teams are reached: what becomes of mails to them, and drills of the contact."""

    name = "tcert.community.reachability"
    label = "reachability"

    def ready(self) -> None:
        """Load rules, jobs and checks; follow the mails; show the room on pages and in my day."""
        from importlib import import_module

        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions, path_steps, team_cards
        from tcert.community.notices import refusing
        from tcert.foundation.kernel import mail
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        def load(name: str) -> object:
            return import_module(f"{self.name}.{name}")

        for name in ("rules", "jobs", "inspections"):
            load(name)
        deliveries, waiting = load("domain.deliveries"), load("waiting")
        mail.watch(deliveries.note_attempt)  # type: ignore[attr-defined]
        mail.provide_return_path(deliveries.return_path)  # type: ignore[attr-defined]
        refusing.register(load("queries").refused_among)  # type: ignore[attr-defined]
        path_steps.register(load("path_step").STEP)  # type: ignore[attr-defined]
        contributions.register(
            "reachability:drill_answered",
            kind="drill-answered",
            label=_("Answered a reachability drill in time"),
            how=_("Answer drills of your round-the-clock contact within the half hour"),
            url="directory:list",
            most=1,
            only="in_time",
        )
        team_cards.register(load("team_card").card)  # type: ignore[attr-defined]
        for name in ("addresses", "own_address", "drills", "overview"):
            register_waiting(getattr(waiting, name))
        navigation.register(
            navigation.Section.DESK,
            _("Reachability"),
            "reachability:overview",
            Permission.REACHABILITY_DRILL_START,
            order=46,
        )
