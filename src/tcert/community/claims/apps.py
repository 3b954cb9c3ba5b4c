from importlib import import_module

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Which identifiers an organisation holds: claims, how they were verified, disputes."""

    name = "tcert.community.claims"
    label = "claims"

    def ready(self) -> None:
        """Load rules and jobs; put the room on other rooms' pages and into the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.desk import acts as desk_acts
        from tcert.community.directory import path_steps, team_cards
        from tcert.community.inventory import overview_links
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        for name in ("rules", "jobs", "domain.verifying"):
            import_module(f"tcert.community.claims.{name}")
        acts = import_module("tcert.community.claims.acts")
        waiting = import_module("tcert.community.claims.waiting")
        models = import_module("tcert.community.claims.models")
        for act in acts.ACTS:
            desk_acts.register(act)
        register_waiting(waiting.claims)
        register_waiting(waiting.desk)
        path_steps.register(import_module("tcert.community.claims.path_step").STEP)
        team_cards.register(import_module("tcert.community.claims.team_card").card)
        overview_links.register(
            _("Claims on networks, numbers and names"), "claims:of_organisation"
        )
        for kind in ("claim", "plmn-claim"):
            records.confine(kind, models.Claim.objects.visible_to)
        records.confine("claims-batch", models.Batch.objects.visible_to)
        navigation.register(
            navigation.Section.COMMUNITY, _("Claims"), "claims:index", Permission.CLAIMS_READ, 35
        )
        navigation.register(
            navigation.Section.DESK,
            _("Claims to verify"),
            "claims:queue",
            Permission.CLAIMS_VERIFY,
            order=46,
        )
