"""Addresses of requests by authorities."""

from django.urls import path

from tcert.response.requests.views import acts, custody, request, sending

app_name = "requests"
_request = "requests/<uuid:asked_id>/"
urlpatterns = [
    path("requests/", sending.requests, name="list"),
    path("requests/new/", sending.choose, name="choose"),
    path("requests/new/<uuid:addressee_id>/", sending.new, name="new"),
    path(_request, request.request, name="request"),
    path(f"{_request}accept/", acts.accept, name="accept"),
    path(f"{_request}acknowledge/", acts.acknowledge, name="acknowledge"),
    path(f"{_request}close/", acts.close, name="close"),
    path(f"{_request}custody/", custody.custody, name="custody"),
    path(f"{_request}custody.json", custody.custody_json, name="custody_json"),
    path(f"{_request}custody.txt", custody.custody_text, name="custody_text"),
    path(f"{_request}hand-over/", acts.hand_over, name="hand_over"),
    path(f"{_request}hold/", acts.hold, name="hold"),
    path(f"{_request}refuse/", acts.refuse, name="refuse"),
    path(f"{_request}talk/", request.talk, name="talk"),
    path(f"{_request}withdraw/", acts.withdraw, name="withdraw"),
    path("requests/hand-overs/<uuid:exhibit_id>/confirm/", acts.confirm, name="confirm"),
    path("requests/hand-overs/<uuid:exhibit_id>/digests.sha256", custody.manifest, name="manifest"),
]
