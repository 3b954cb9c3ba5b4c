"""Addresses of responsibility."""

from django.urls import path

from tcert.community.responsibility.views import acts, answers, files, reading, review

app_name = "responsibility"
_one = "responsibility/organisations/<uuid:pk>/"
urlpatterns = [
    path("responsibility/", reading.home, name="home"),
    path("responsibility/domains/", reading.explained, name="domains"),
    path("responsibility/operators/", review.operators, name="operators"),
    path("responsibility/operators.csv", review.export, name="operators_csv"),
    path("responsibility/answer/<str:token>/", answers.by_link, name="answer"),
    path(_one, reading.matrix, name="matrix"),
    path(f"{_one}begin/", acts.begin, name="begin"),
    path(f"{_one}end/", acts.end, name="end"),
    path(f"{_one}table/", acts.table, name="table"),
    path(f"{_one}chain/", acts.chain, name="chain"),
    path(f"{_one}undo/", acts.undo, name="undo"),
    path(f"{_one}down/", reading.down, name="down"),
    path(f"{_one}history/", reading.history, name="history"),
    path(f"{_one}sheet/", files.sheet, name="sheet"),
    path(f"{_one}matrix.csv", files.export, name="csv"),
    path(f"{_one}domains/<slug:domain>/", reading.entry, name="entry"),
    path(f"{_one}domains/<slug:domain>/edit/", acts.edit, name="edit"),
    path(f"{_one}domains/<slug:domain>/ask/", acts.ask, name="ask"),
    path(f"{_one}domains/<slug:domain>/confirm/", answers.confirm, name="confirm"),
    path(f"{_one}domains/<slug:domain>/refuse/", answers.refuse, name="refuse"),
]
