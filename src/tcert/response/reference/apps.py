from importlib import import_module

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    """Public lists of networks, numbers and addresses: beside claims, never instead of them."""

    name = "tcert.response.reference"
    label = "reference"

    def ready(self) -> None:
        """Load rules and inspections; put the room into the side lists and into my day."""
        from django.utils.translation import gettext_lazy as _

        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        for name in ("rules", "inspections"):
            import_module(f"tcert.response.reference.{name}")
        register_waiting(import_module("tcert.response.reference.waiting").desk)
        models = import_module("tcert.response.reference.models")
        records.confine("reference-tie", models.Tie.objects.visible_to)
        records.confine("reference-edition", models.Edition.objects.visible_to)
        navigation.register(
            navigation.Section.COMMUNITY,
            _("Reference data"),
            "reference:networks",
            Permission.REFERENCE_READ,
            order=37,
        )
