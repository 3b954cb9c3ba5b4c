"""Addresses of talks."""

from django.urls import path

from tcert.community.talks.views import beginning, gpg, lists, messages, places, talk

app_name = "talks"

_TALK = "talks/<uuid:talk_id>/"
_PLACE = "talks/places/<uuid:place_id>/"

urlpatterns = [
    path("talks/", lists.own, name="list"),
    path("talks/new/", beginning.teams, name="teams"),
    path("talks/teams/<uuid:pk>/new/", beginning.new, name="new"),
    path("talks/teams/<uuid:pk>/refuse/", beginning.refuse, name="refuse"),
    path("talks/refused/", lists.refused, name="refused"),
    path(_TALK, talk.talk, name="talk"),
    path(f"{_TALK}context/", messages.context, name="context"),
    path(f"{_TALK}readers/", messages.readers, name="readers"),
    path(f"{_TALK}post/", messages.post, name="post"),
    path(f"{_TALK}without/", messages.go_on_without, name="go_on_without"),
    path(f"{_TALK}hand-over/", talk.hand_over, name="hand_over"),
    path(f"{_TALK}part/", talk.part, name="part"),
    path(f"{_TALK}gpg/", gpg.gpg, name="gpg"),
    path(f"{_TALK}readers.asc", gpg.keyring, name="keyring"),
    path(f"{_TALK}message.txt", gpg.draft, name="draft"),
    path(f"{_TALK}messages/<uuid:message_id>.pgp", messages.message, name="message"),
    path(f"{_TALK}messages/<uuid:message_id>/unopened/", messages.unopened, name="unopened"),
    path(f"{_TALK}files/<uuid:file_id>.pgp", messages.file, name="file"),
    path(f"{_PLACE}join/", places.join, name="join"),
    path(f"{_PLACE}ask/", places.ask, name="ask"),
    path(f"{_PLACE}leave/", places.leave, name="leave"),
    path(f"{_PLACE}close/", places.close, name="close"),
    path(f"{_PLACE}mute/", places.mute, name="mute"),
    path(f"{_PLACE}settle/", places.settle, name="settle"),
]
