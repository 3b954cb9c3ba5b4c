"""Template tags of the design system."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.ui import words

AT = datetime(2026, 11, 23, 18, 5, tzinfo=UTC)


def printed(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize("mark", list(Tlp))
def test_a_tlp_mark_always_carries_its_word(mark):
    html = printed("{% tlp mark %}", mark=mark)
    assert mark.label in html
    assert f"tlp-{mark.value.lower().replace('+', '-')}" in html


def test_a_tlp_mark_accepts_what_a_database_holds():
    assert printed("{% tlp 'TLP:AMBER+STRICT' %}") == printed("{% tlp 'AMBER_STRICT' %}")
    assert printed("{% tlp '' %}") == ""


def test_a_state_needs_a_known_shape_and_escapes_its_word():
    assert printed("{% state 'done' 'good' word %}", word="<b>") == (
        '<span class="state done good">&lt;b&gt;</span>'
    )
    with pytest.raises(TemplateSyntaxError):
        printed("{% state 'round' 'good' 'x' %}")


def test_when_prints_utc_alone_for_a_viewer_in_utc():
    assert printed("{% when at %}", at=AT) == (
        '<time datetime="2026-11-23T18:05:00+00:00">23 Nov 2026, 18:05 UTC</time>'
    )
    assert printed("{% when at %}", at=None) == words_dash()


def words_dash() -> str:
    return "\N{EN DASH}"


def test_when_adds_the_viewers_zone_and_the_day_where_it_differs():
    with timezone.override(ZoneInfo("Europe/Paris")):
        assert "(19:05 in Paris)" in printed("{% when at %}", at=AT)
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert "(24 Nov, 03:05 in Tokyo)" in printed("{% when at %}", at=AT)


def test_a_day_has_no_hour():
    assert printed("{% day d %}", d=date(2026, 1, 5)) == (
        '<time datetime="2026-01-05">5 Jan 2026</time>'
    )


@pytest.mark.parametrize(
    ("last", "shape", "says"),
    [
        (date(2026, 11, 20), "state no bad", "overdue since Fri 20 Nov"),
        (date(2026, 11, 24), "state half warn", "answer today, Tue 24 Nov"),
        (date(2026, 11, 27), "state open quiet", "answer by Fri 27 Nov"),
    ],
)
def test_a_promised_day_is_told_by_shape_and_word(last, shape, says):
    with clock.frozen(datetime(2026, 11, 24, 23, 59, tzinfo=UTC)):
        html = printed("{% answer_by d %}", d=last)
    assert html == f'<span class="{shape}">{says}</span>'


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=12, seconds=40), "12 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=1, hours=2), "1 day 2 h"),
        (timedelta(days=16, hours=4, minutes=59), "16 days 4 h"),
        (timedelta(days=42, hours=4), "42 days"),
    ],
)
def test_spans_name_their_two_largest_parts(length, text):
    assert words.span(length) == text
    assert words.span(-length) == text


@pytest.mark.parametrize(
    ("left", "tone", "says"),
    [
        (timedelta(days=16), 'class="clock"', "until"),
        (timedelta(hours=50), 'class="clock soon"', "2 days 2 h"),
        (timedelta(hours=3), 'class="clock late"', "3 h"),
        (timedelta(hours=-5), 'class="clock late"', "ended 5 h ago"),
    ],
)
def test_a_clock_changes_late_and_always_says_it_in_words(left, tone, says):
    with clock.frozen(AT):
        html = printed("{% clock at %}", at=AT + left)
    assert tone in html
    assert says in html
    assert "UTC</time>" in html


def test_a_clock_that_ended_does_not_run():
    with clock.frozen(AT):
        assert "data-countdown" not in printed("{% clock at %}", at=AT - timedelta(hours=1))
        assert "data-countdown" in printed("{% clock at %}", at=AT + timedelta(hours=1))
        assert printed("{% clock at %}", at=None).strip() == ""


def test_a_fingerprint_reads_in_groups_of_four():
    html = printed("{% fingerprint f %}", f="8f2a91c40d7b5e2210a94c6633f1a8d2902f77d0")
    assert html.count("<span>") == 10
    assert "<span>8F2A</span> <span>91C4</span>" in html
    short = printed("{% fingerprint f 'short' %}", f="8F2A91C40D7B5E2210A94C6633F1A8D2902F77D0")
    assert "8F2A 91C4 … 77D0" in short


def test_a_copy_button_hides_until_a_script_shows_it():
    html = printed("{% copy text %}", text='a"b')
    assert " hidden>" in html
    assert 'data-copy="a&quot;b"' in html


def test_a_qr_code_is_drawn_without_an_image():
    html = printed("{% qr 'otpauth://totp/x' 'QR code' %}")
    assert "<svg" in html
    assert "data:" not in html
    assert "style=" not in html


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As your team writes it.")
    note = forms.CharField(label="Note", required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label="Sure")
    token = forms.CharField(widget=forms.HiddenInput)


def test_a_field_ties_label_help_and_error_to_its_control():
    form = Form({"name": ""})
    html = printed("{% field form.name %}", form=form)
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_an_unbound_field_has_no_error_and_says_when_it_is_optional():
    form = Form()
    assert "aria-invalid" not in printed("{% field form.name %}", form=form)
    assert "(optional)" in printed("{% field form.note %}", form=form)
    assert "(optional)" not in printed("{% field form.name %}", form=form)


def test_choices_stand_in_a_fieldset_and_a_check_before_its_words():
    form = Form()
    assert "<fieldset" in printed("{% field form.kind %}", form=form)
    assert printed("{% field form.sure %}", form=form).index("<input") < printed(
        "{% field form.sure %}", form=form
    ).index("Sure")


class Chosen(forms.Form):
    """Django puts dashes before the choices of a model's field."""

    must = forms.ChoiceField(choices=[("", "---------"), ("a", "First")])
    may = forms.ChoiceField(choices=[("", "---------"), ("a", "First")], required=False)
    own = forms.ChoiceField(choices=[("", "any"), ("a", "First")], required=False)


def test_choosing_nothing_is_said_in_words():
    form = Chosen()
    assert '<option value="" selected>choose one</option>' in printed(
        "{% field form.must %}", form=form
    )
    assert '<option value="" selected>none</option>' in printed("{% field form.may %}", form=form)
    assert '<option value="" selected>any</option>' in printed("{% field form.own %}", form=form)
    assert "First" in printed("{% field form.must %}", form=form)


def test_the_summary_links_each_error_to_its_field_and_is_empty_without_errors():
    html = printed("{% form_errors form %}", form=Form({"name": "x"}))
    assert 'role="alert"' in html
    assert 'href="#id_sure"' in html
    assert "Kind: This field is required." in html
    assert 'href="#id_token"' not in html
    assert printed("{% form_errors form %}", form=Form()).strip() == ""
    assert printed("{% form_errors form %}", form=None).strip() == ""


def test_all_fields_of_a_form_are_printed_hidden_ones_too():
    html = printed("{% form_fields form %}", form=Form())
    for name in Form.base_fields:
        assert f'name="{name}"' in html


def test_the_pager_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/teams/", {"kind": "vendor", "page": "3"})
    page = Paginator(range(100), 10).page(3)
    html = printed("{% pager page %}", page=page, request=request)
    assert 'href="?kind=vendor&amp;page=2"' in html
    assert "21 to 30 of 100" in html
    assert 'aria-current="page">3<' in html
    single = Paginator(range(5), 10).page(1)
    assert printed("{% pager page %}", page=single, request=request).strip() == ""


def test_a_column_head_sorts_both_ways_and_returns_to_the_first_page():
    up = RequestFactory().get("/", {"sort": "name", "page": "4"})
    html = printed("{% sort 'name' 'Name' %}", request=up)
    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-name"' in html
    other = printed("{% sort 'seen' 'Seen' %}", request=up)
    assert "aria-sort" not in other
    assert 'href="?sort=seen"' in other


def test_an_empty_list_says_how_to_begin():
    html = printed("{% empty 'No cases' 'They stand here.' '/x/' 'Open one' %}")
    assert '<a class="btn plain" href="/x/">Open one</a>' in html


def test_what_is_the_same_for_everybody_is_put_together_once_for_each_language():
    template = Template(
        "{% load i18n ui %}{{ name }} {% fixed %}<b>{% translate 'Tuesday' %}</b>{% endfixed %}"
    )
    assert template.render(Context({"name": "<i>"})) == "&lt;i&gt; <b>Tuesday</b>"
    with translation.override("de"):  # Django has words for it
        assert template.render(Context({"name": "B"})) == "B <b>Dienstag</b>"
    assert template.render(Context({"name": "C"})) == "C <b>Tuesday</b>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}",
        "{% translate name %}",
        "{% translate 'Close'|add:name %}",
        "{% translate 'Close' as name %}",
        "{% csrf_token %}",
        "{% if name %}x{% endif %}",
        "{% include 'ui/empty.html' %}",
    ],
)
def test_nothing_of_a_visitor_gets_into_what_is_the_same_for_everybody(source):
    """It would be shown to the next visitor."""
    with pytest.raises(TemplateSyntaxError, match="not the same for everybody"):
        Template("{% load i18n ui %}{% fixed %}" + source + "{% endfixed %}")
