"""Addresses of the sign-in library's pages: those we use, each with its permission.

Public sign-up, mail addresses, mail confirmation, sign-in by code and the library's own reset of
passphrases have no address here and so do not exist.
"""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from tcert.community.accounts import views
from tcert.community.accounts.last_factor import keep_last_factor
from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission

public = page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
entering = page(Permission.ACCOUNTS_SECOND_FACTOR_SET_UP, kind=PageKind.SIGN_IN)
own = page(Permission.ACCOUNTS_OWN_MANAGE, kind=PageKind.SIGN_IN)

urlpatterns = [
    path("account/sign-in/", public(account.login), name="account_login"),
    path("account/sign-in/second-factor/", public(factors.authenticate), name="mfa_authenticate"),
    path("account/sign-out/", public(account.logout), name="account_logout"),
    path("account/closed/", public(account.account_inactive), name="account_inactive"),
    path("account/forgotten/", views.forgotten, name="account_reset_password"),
    path("account/again/", entering(account.reauthenticate), name="account_reauthenticate"),
    path("account/again/code/", entering(factors.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/again/passkey/",
        entering(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/passphrase/", own(account.password_change), name="account_change_password"),
    path("account/second-factor/", entering(factors.index), name="mfa_index"),
    path("account/second-factor/app/", entering(app.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", own(app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/second-factor/codes/",
        own(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/second-factor/codes/new/",
        own(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-factor/codes/download/",
        own(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/second-factor/passkeys/", own(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path(
        "account/second-factor/passkeys/add/",
        entering(passkeys.add_webauthn),
        name="mfa_add_webauthn",
    ),
    path(
        "account/second-factor/passkeys/<int:pk>/remove/",
        own(keep_last_factor(passkeys.remove_webauthn)),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/second-factor/passkeys/<int:pk>/name/",
        own(passkeys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
]
