from django.apps import AppConfig


class AdvisoriesConfig(AppConfig):
    """Advisories: written by two pairs of eyes, signed by the hub, published as CSAF."""

    name = "tcert.response.advisories"
    label = "advisories"

    def ready(self) -> None:
        """Load the rules, the places in the navigation and on the page of a case, and the mails."""
        from tcert.response.advisories import (  # noqa: F401
            acts,
            from_case,
            navigation,
            notices,
            rules,
        )
