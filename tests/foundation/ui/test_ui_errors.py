"""Error pages say what to do next, and leak nothing."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.test import Client, RequestFactory

from tcert.foundation.kernel.errors import Conflict, DomainError, TooMany
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.ui import errors


@pytest.fixture
def request_():
    request = RequestFactory().get("/somewhere/")
    request.principal = ANONYMOUS
    return request


@pytest.mark.parametrize("status", [s for s in errors.STATUSES if s != 500])
def test_each_page_says_what_to_do_next(request_, status):
    response = errors.error_page(request_, status)
    html = response.content.decode()
    assert response.status_code == status
    assert "What to do next" in html
    assert html.count("<h1>") == 1
    assert "<h1></h1>" not in html
    assert "<title> ·" not in html


def test_a_missing_page_and_a_page_of_others_read_the_same():
    client = Client(SERVER_NAME="localhost")
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "not shared with you" in response.content.decode()


def test_a_missing_right_does_not_name_the_permission(request_):
    response = errors.permission_denied(request_, PermissionDenied("cases:case:close"))
    assert response.status_code == 403
    assert "cases:case:close" not in response.content.decode()


def test_too_much_data_is_413_and_other_bad_requests_400(request_):
    assert errors.bad_request(request_, RequestDataTooBig("x")).status_code == 413
    assert errors.bad_request(request_, ValueError("<script>")).status_code == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("The list of readers changed."), 409),
        (TooMany("Come back in an hour."), 429),
        (DomainError("The date has passed."), 400),
    ],
)
def test_a_refused_act_shows_its_sentence(request_, error, status):
    middleware = errors.DomainErrorMiddleware(lambda _r: None)
    response = middleware.process_exception(request_, error)
    assert response.status_code == status
    assert str(error) in response.content.decode()
    assert middleware.process_exception(request_, ValueError("x")) is None


def test_too_many_requests_say_how_long_to_wait(request_):
    html = errors.error_page(request_, 429, retry_after="12 min").content.decode()
    assert "Wait 12 min and try once more." in html


def test_the_page_of_our_own_mistake_needs_no_database_and_no_principal(
    django_assert_num_queries,
):
    response = errors.server_error(RequestFactory().get("/"))
    html = response.content.decode()
    assert response.status_code == 500
    assert "It was not you" in html
    assert "UTC" in html


def test_a_form_without_its_proof_is_explained():
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    response = client.post("/account/sign-in/", {"login": "a@example.org"})
    assert response.status_code == 403
    assert "came without its proof" in response.content.decode()
