"""Addresses of the keyring."""

from django.urls import path

from tcert.community.keyring.views import attesting, managing, public, reading, sheets

app_name = "keyring"
_TEAM = "keyring/teams/<uuid:pk>/"
_KEY = f"{_TEAM}keys/<str:fingerprint>/"
_WKD = ".well-known/openpgpkey/"
urlpatterns = [
    path("keyring/", reading.overview, name="overview"),
    path("keyring/keys.csv", reading.export, name="csv"),
    path("keyring/sheet/", sheets.sheet, name="sheet"),
    path("keyring/sheet/keys.txt", sheets.text, name="sheet_text"),
    path(_TEAM, reading.team, name="team"),
    path(f"{_TEAM}publish/", managing.publish, name="publish"),
    path(f"{_TEAM}purposes/<uuid:purpose_key>/end/", managing.end, name="end"),
    path(f"{_TEAM}directory/", managing.directory, name="directory"),
    path(f"{_TEAM}directory/wkd.zip", managing.archive, name="archive"),
    path(_KEY, reading.key, name="key"),
    path(f"{_KEY}attest/", attesting.attest, name="attest"),
    path(f"{_KEY}attest/attestation.txt", attesting.statement, name="statement"),
    path(f"{_KEY}prove/mail/", managing.prove_mail, name="prove_mail"),
    path(f"{_KEY}prove/code/", managing.prove_code, name="prove_code"),
    path(f"{_KEY}prove/domain/", managing.prove_domain, name="prove_domain"),
    path("keyring/attestations/<uuid:attestation_id>/", attesting.attestation, name="attestation"),
    path(
        "keyring/attestations/<uuid:attestation_id>/attestation.txt",
        attesting.attestation_text,
        name="attestation_text",
    ),
    path(
        "keyring/attestations/<uuid:attestation_id>/attestation.txt.asc",
        attesting.attestation_signature,
        name="attestation_signature",
    ),
    path(
        "keyring/attestations/<uuid:attestation_id>/withdraw/",
        attesting.withdraw,
        name="withdraw",
    ),
    path("directory/keyring.asc", public.keyring, name="keyring"),
    path("pks/lookup", public.lookup, name="lookup"),
    path(f"{_WKD}policy", public.own_policy, name="own_policy"),
    path(f"{_WKD}hu/<str:name>", public.own_key, name="own_key"),
    path(f"{_WKD}<str:domain>/policy", public.policy, name="policy"),
    path(f"{_WKD}<str:domain>/hu/<str:name>", public.key, name="wkd_key"),
]
