from importlib import import_module

from django.apps import AppConfig


class KeyringConfig(AppConfig):
    """How a key is known to be its team's; keys for other purposes; how keys are handed out."""

    name = "tcert.community.keyring"
    label = "keyring"

    def ready(self) -> None:
        """Load rules and jobs; put the room on a team's page, into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions, team_cards
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        room = self.name
        import_module(f"{room}.rules")
        import_module(f"{room}.jobs")
        waiting = import_module(f"{room}.waiting")
        models = import_module(f"{room}.models")
        contributions.register(
            "keyring:attested",
            kind="key-attested",
            label=_("Attested the key of another team"),
            how=_("Compare keys with a team that you meet, and attest its key"),
            url="keyring:overview",
            credits="by",
            most=1,
            daily=True,
        )
        team_cards.register(import_module(f"{room}.team_card").card)
        register_waiting(waiting.purpose_keys)
        register_waiting(waiting.expired_keys)
        records.confine("attestation", models.Attestation.objects.visible_to)
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Keys"),
            "keyring:overview",
            Permission.KEYRING_READ,
            order=12,
        )
