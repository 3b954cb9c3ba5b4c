from importlib import import_module

from django.apps import AppConfig


class ResponsibilityConfig(AppConfig):
    """Who owns telecom security: one accountable person for each domain of an operator."""

    name = "tcert.community.responsibility"
    label = "responsibility"

    def ready(self) -> None:
        """Load rules and jobs; put the room on organisation pages, my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import (
            contributions,
            departures,
            organisation_cards,
            path_steps,
        )
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        for part in ("rules", "jobs"):
            import_module(f"{self.name}.{part}")
        waiting = import_module(f"{self.name}.waiting")
        path_steps.register(import_module(f"{self.name}.path_step").STEP)
        contributions.register(
            "responsibility:confirmed",
            kind="responsibility-confirmed",
            label=_("Confirmed who owns what in the network"),
            how=_("Confirm every 90 days who owns what in your network"),
            url="responsibility:home",
            credits="organisation",
            needs=2,
            most=1,
            daily=True,
        )
        organisation_cards.register(import_module(f"{self.name}.organisation_card").card)
        departures.register(import_module(f"{self.name}.domain.leaving").follow)
        register_waiting(waiting.to_confirm)
        register_waiting(waiting.gaps)
        entry = import_module(f"{self.name}.models").Entry
        records.confine("responsibility entry", entry.objects.visible_to)
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Who owns security"),
            "responsibility:home",
            Permission.RESPONSIBILITY_READ,
            order=20,
        )
        navigation.register(
            navigation.Section.DESK,
            _("Who owns security"),
            "responsibility:operators",
            Permission.RESPONSIBILITY_REVIEW,
            order=47,
        )
