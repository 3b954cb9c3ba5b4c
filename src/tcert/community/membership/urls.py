"""Addresses of membership."""

from django.urls import path

from tcert.community.membership import review_views, views

app_name = "membership"
urlpatterns = [
    path("vouches/", views.own, name="vouches"),
    path("vouches/<uuid:vouch_id>/", views.vouch, name="vouch"),
    path("vouches/<uuid:vouch_id>/renew/", views.renew, name="renew"),
    path("vouches/<uuid:vouch_id>/withdraw/", views.withdraw, name="withdraw"),
    path("vouches/teams/<uuid:pk>/give/", views.give, name="give"),
    path("vouches/teams/<uuid:pk>/path/", views.path, name="path"),
    path("vouches/review/", review_views.review, name="review"),
    path("vouches/review/teams.csv", review_views.export, name="review_csv"),
    path("vouches/review/<uuid:review_id>/mark/", review_views.mark, name="mark"),
]
