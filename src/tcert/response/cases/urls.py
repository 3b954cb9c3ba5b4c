"""Addresses of cases."""

from django.urls import path

from tcert.response.cases.views import (
    case,
    conflict,
    embargo,
    gpg,
    lists,
    messages,
    threads,
    triage,
    unopened,
)

app_name = "cases"

_CASE = "cases/<uuid:case_id>/"
_THREAD = f"{_CASE}threads/<uuid:thread_id>/"
_PARTY = f"{_CASE}participants/<uuid:participant_id>/"

urlpatterns = [
    path("cases/", lists.mine, name="list"),
    path("cases/triage/", lists.board, name="board"),
    path("cases/invitations/<uuid:invitation_id>/", lists.invitation, name="invitation"),
    path(_CASE, case.case, name="case"),
    path(f"{_CASE}triage/", triage.judge, name="triage"),
    path(f"{_CASE}conflict/", conflict.step_back, name="conflict"),
    path(f"{_CASE}conflict/<uuid:recusal_id>/", conflict.step_in, name="step_in"),
    path(f"{_CASE}involve/", triage.involve, name="involve"),
    path(f"{_CASE}embargo/", embargo.embargo, name="embargo"),
    path(f"{_CASE}facts/", embargo.facts, name="facts"),
    path(f"{_CASE}own/", case.own, name="own"),
    path(f"{_CASE}statements/", case.state, name="state"),
    path(f"{_CASE}statements/<uuid:statement_id>/", case.state, name="statement"),
    path(_PARTY, case.participant, name="participant"),
    path(f"{_PARTY}remove/", case.remove, name="remove"),
    path(
        f"{_CASE}invitations/<uuid:invitation_id>/withdraw/",
        case.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path(f"{_CASE}title/", threads.title, name="title"),
    path(f"{_CASE}threads/new/", threads.new, name="new_thread"),
    path(f"{_CASE}threads/join/<uuid:reader_id>/", threads.join, name="join"),
    path(f"{_THREAD}context/", messages.context, name="context"),
    path(f"{_THREAD}readers/", messages.readers, name="readers"),
    path(f"{_THREAD}post/", messages.post, name="post"),
    path(f"{_THREAD}without/", messages.go_on_without, name="go_on_without"),
    path(f"{_THREAD}hand-over/", threads.hand_over, name="hand_over"),
    path(f"{_THREAD}title/", threads.title_page, name="title_page"),
    path(f"{_THREAD}gpg/", gpg.gpg, name="gpg"),
    path(f"{_THREAD}readers.asc", gpg.keyring, name="keyring"),
    path(f"{_THREAD}message.txt", gpg.draft, name="draft"),
    path(f"{_CASE}messages/<uuid:message_id>.pgp", messages.message, name="message"),
    path(f"{_CASE}messages/<uuid:message_id>/unopened/", unopened.unopened, name="unopened"),
    path(f"{_CASE}files/<uuid:file_id>.pgp", messages.file, name="file"),
]
