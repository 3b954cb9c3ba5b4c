from django.apps import AppConfig


class AdvisoriesConfig(AppConfig):
    """Advisories: written by two pairs of eyes, signed by the hub, published as CSAF."""

    name = "tcert.response.advisories"
    label = "advisories"

    def ready(self) -> None:
        """Load the rules, the places in the navigation and on the page of a case, and the mails."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.directory import contributions
        from tcert.response.advisories import (  # noqa: F401
            acts,
            from_case,
            navigation,
            notices,
            rules,
        )

        contributions.register(
            "advisories:co-authored",
            kind="advisory-co-authored",
            label=_("Wrote an advisory with others"),
            how=_("State in your cases what is affected, so that it stands in the advisory"),
            url="advisories:list",
            is_confidential=True,
        )
