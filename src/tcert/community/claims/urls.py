"""Addresses of claims."""

from django.urls import path

from tcert.community.claims.views import batches, claims, disputes, lists

app_name = "claims"
_HOUSE = "claims/organisations/<uuid:organisation_id>/"
urlpatterns = [
    path("claims/", lists.index, name="index"),
    path("claims/template.csv", lists.template, name="template"),
    path("claims/to-verify/", lists.queue, name="queue"),
    path(_HOUSE, lists.of_organisation, name="of_organisation"),
    path(f"{_HOUSE}claims.csv", lists.export, name="csv"),
    path(f"{_HOUSE}new/", claims.new, name="new"),
    path(f"{_HOUSE}import/", batches.begin, name="import"),
    path("claims/imports/<uuid:batch_id>/", batches.batch, name="batch"),
    path("claims/confirm/<str:token>/", claims.link, name="link"),
    path("claims/words/<uuid:verification_id>/", claims.attest, name="attest"),
    path("claims/verifications/<uuid:verification_id>/", claims.verification, name="verification"),
    path("claims/disputes/<uuid:dispute_id>/", disputes.dispute, name="dispute"),
    path("claims/<uuid:claim_id>/", claims.claim, name="claim"),
    path("claims/<uuid:claim_id>/change/", claims.change, name="change"),
    path("claims/<uuid:claim_id>/withdraw/", claims.withdraw, name="withdraw"),
    path("claims/<uuid:claim_id>/verify/", claims.verify, name="verify"),
    path("claims/<uuid:claim_id>/contest/", disputes.contest, name="contest"),
]
