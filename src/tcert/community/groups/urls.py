"""Addresses of sharing groups."""

from django.urls import path

from tcert.community.groups.views import founding, group, lists, seats

app_name = "groups"
_group = "groups/<uuid:group_id>/"
_seat = "groups/seats/<uuid:seat_id>/"
urlpatterns = [
    path("groups/", lists.groups, name="list"),
    path("groups/new/", founding.found, name="found"),
    path(_group, group.group, name="group"),
    path(f"{_group}ask/", seats.ask, name="ask"),
    path(f"{_group}change/", founding.change, name="change"),
    path(f"{_group}close/", founding.close, name="close"),
    path(f"{_group}history/", group.history, name="history"),
    path(f"{_group}invite/", seats.invite, name="invite"),
    path(f"{_group}members.csv", group.members_csv, name="csv"),
    path(f"{_group}misp.json", group.misp, name="misp"),
    path(f"{_group}sheet/", group.sheet, name="sheet"),
    path(f"{_group}talk/", group.talk, name="talk"),
    path(_seat, seats.seat, name="seat"),
    path(f"{_seat}answer/", seats.answer, name="answer"),
    path(f"{_seat}leave/", seats.leave, name="leave"),
    path(f"{_seat}refuse/", seats.refuse, name="refuse"),
    path(f"{_seat}remove/", seats.remove, name="remove"),
]
