from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, their sign-in, second factors, vaults and staff sessions."""

    name = "tcert.community.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Load rules and signals, and say where the account pages stand."""
        from tcert.community.accounts import closed_texts, leads, rules, signals  # noqa: F401
        from tcert.community.accounts.enums import LinkKind
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui.navigation import Section, register

        leads.register(LinkKind.INVITATION, "accounts:join")
        leads.register(LinkKind.PASSPHRASE, "accounts:new_passphrase")
        own = Permission.ACCOUNTS_OWN_MANAGE
        for order, (label, url_name, permission) in enumerate(
            (
                (_("Account"), "accounts:account", own),
                (_("Second factor"), "mfa_index", Permission.ACCOUNTS_SECOND_FACTOR_SET_UP),
                (_("Passphrase"), "account_change_password", own),
                (_("Sessions"), "accounts:sessions", own),
                (
                    _("Coordinator rights"),
                    "accounts:staff_session",
                    Permission.ACCOUNTS_STAFF_SESSION_OPEN,
                ),
            )
        ):
            register(Section.ACCOUNT, label, url_name, permission, order=10 * order)
        register(
            Section.DESK,
            _("People"),
            "accounts:people",
            Permission.ACCOUNTS_PEOPLE_MANAGE,
            order=800,
        )
