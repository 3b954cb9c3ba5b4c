from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their sign-in, second factors, vaults and staff sessions."""

    name = "tcert.community.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Load the rules."""
        from tcert.community.accounts import rules  # noqa: F401
