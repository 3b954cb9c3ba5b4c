from importlib import import_module

from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    """Who takes part: contributions from real acts, standing, absences, offices."""

    name = "tcert.community.participation"
    label = "participation"

    def ready(self) -> None:
        """Load rules and jobs, write contributions down, and say where the pages are."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions
        from tcert.community.membership import sponsors
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        room = "tcert.community.participation"
        waiting, rights = import_module(f"{room}.waiting"), import_module(f"{room}.rights")
        models, recording = (
            import_module(f"{room}.models"),
            import_module(f"{room}.domain.recording"),
        )
        for name in ("jobs", "rules"):
            import_module(f"{room}.{name}")
        contributions.record_with(recording.note)
        sponsors.register(rights.in_standing)
        register_waiting(waiting.standing)
        register_waiting(waiting.absences)
        records.confine("absence", models.Absence.objects.visible_to)
        section = navigation.Section
        for where, label, name, permission, order in (
            (section.COMMUNITY, _("Participation"), "own", Permission.PARTICIPATION_OWN_READ, 16),
            (
                section.COMMUNITY,
                _("Standing of all"),
                "standings",
                Permission.PARTICIPATION_STANDINGS_READ,
                17,
            ),
            (
                section.COMMUNITY,
                _("Offices"),
                "offices",
                Permission.PARTICIPATION_STANDINGS_READ,
                18,
            ),
            (
                section.DESK,
                _("Absences to decide"),
                "absences",
                Permission.PARTICIPATION_MANAGE,
                46,
            ),
            (
                section.DESK,
                _("Report on participation"),
                "report",
                Permission.PARTICIPATION_MANAGE,
                47,
            ),
        ):
            navigation.register(where, label, f"participation:{name}", permission, order=order)
