from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The lowest room: knows no telecom organisation, no person, no case."""

    name = "tcert.foundation.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.UUIDField"

    def ready(self) -> None:
        """Load the rules."""
        from tcert.foundation.kernel import rules  # noqa: F401
