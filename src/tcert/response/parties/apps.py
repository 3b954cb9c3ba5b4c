from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Parties beyond the hub: invited by mail, provisional, sealed to only once confirmed."""

    name = "tcert.response.parties"
    label = "parties"

    def ready(self) -> None:
        """Load the rules, the jobs and the places on other rooms' pages."""
        from tcert.response.parties import jobs, registrations, rules  # noqa: F401
