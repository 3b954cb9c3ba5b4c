from django.apps import AppConfig


class JoiningConfig(AppConfig):
    """How somebody comes onto the list: applications, words for and against them, decisions."""

    name = "tcert.community.joining"
    label = "joining"

    def ready(self) -> None:
        """Load rules and jobs; put the room into my day, the side list and the acts of two."""
        from importlib import import_module

        from django.utils.translation import gettext_lazy as _

        from tcert.community.accounts import leads
        from tcert.community.accounts.enums import LinkKind
        from tcert.community.desk import acts as acts_of_two
        from tcert.community.joining import acts, queries, waiting
        from tcert.community.joining.models import Application, Objection
        from tcert.community.membership import pledges
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        import_module("tcert.community.joining.rules")
        import_module("tcert.community.joining.jobs")
        leads.register(LinkKind.APPLICATION, "joining:account")
        pledges.register(queries.pledged)
        acts_of_two.register(acts.ADMIT)
        records.confine("application", Application.objects.untied_for)
        records.confine("objection", Objection.objects.visible_to)
        for provider in (waiting.own, waiting.asked, waiting.desk):
            register_waiting(provider)
        section = navigation.Section
        navigation.register(
            section.PUBLIC, _("Join"), "joining:join", Permission.SITE_PUBLIC, order=40
        )
        navigation.register(
            section.COMMUNITY,
            _("Applicants"),
            "joining:applicants",
            Permission.JOINING_READ,
            order=17,
        )
        navigation.register(
            section.DESK, _("Applications"), "joining:queue", Permission.JOINING_DECIDE, order=42
        )
