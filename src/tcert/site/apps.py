from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The top floor: settings, addresses, home, my day, the command line's glue."""

    name = "tcert.site"
    label = "site"

    def ready(self) -> None:
        """Declare the libraries' tables."""
        from tcert.site import third_party  # noqa: F401
