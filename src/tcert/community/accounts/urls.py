"""Addresses of the account pages; the sign-in library's pages stand in `library_urls.py`."""

from django.urls import path

from tcert.community.accounts import people_views, views

app_name = "accounts"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/start/", views.start, name="start"),
    path("account/join/", views.join, name="join"),
    path("account/new-passphrase/", views.new_passphrase, name="new_passphrase"),
    path("account/sessions/", views.sessions, name="sessions"),
    path("account/sessions/end-all/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/sessions/<uuid:pk>/end/", views.end_session, name="end_session"),
    path("account/coordinator/", views.staff_session, name="staff_session"),
    path("account/coordinator/off/", views.end_staff_session, name="end_staff_session"),
    path("people/", people_views.listing, name="people"),
    path("people/<uuid:pk>/", people_views.person, name="person"),
    path("people/<uuid:pk>/email/", people_views.email, name="person_email"),
    path("people/<uuid:pk>/switch/", people_views.switch, name="switch_person"),
    path("people/invitations/<uuid:pk>/withdraw/", people_views.withdraw, name="withdraw"),
]
