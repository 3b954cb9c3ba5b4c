"""Addresses of the vault, under /account/vault/."""

from django.urls import path

from tcert.community.accounts import vault_views as views

app_name = "vault"
urlpatterns = [
    path("", views.state, name="state"),
    path("create/", views.create, name="create"),
    path("unlock/", views.unlock, name="unlock"),
    path("backup/", views.backup, name="backup"),
    path("passphrase/", views.passphrase, name="passphrase"),
    path("passkeys/", views.passkeys, name="passkeys"),
    path("passkeys/<uuid:pk>/remove/", views.remove_passkey, name="remove_passkey"),
    path("lost/", views.lost, name="lost"),
    path("discard/", views.discard, name="discard"),
    path("keys.json", views.keys, name="keys"),
]
