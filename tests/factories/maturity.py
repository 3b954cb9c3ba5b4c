"""Assessments with answers, requests for a mentor, and paths that were put away."""

from datetime import timedelta

import factory
from tests.factories.directory import TeamFactory

from tcert.community.maturity import sim3
from tcert.community.maturity.catalogue import PROFILES_VERSION, parameters, targets
from tcert.community.maturity.enums import Profile, RequestState
from tcert.community.maturity.models import Answer, Assessment, MentorRequest, Pause
from tcert.foundation.kernel import clock


class PauseFactory(factory.django.DjangoModelFactory):
    """A path that was put away and rests for another week."""

    class Meta:
        model = Pause

    team = factory.SubFactory(TeamFactory)
    until = factory.LazyFunction(lambda: clock.now() + timedelta(days=7))


class AssessmentFactory(factory.django.DjangoModelFactory):
    """A draft without an answer."""

    class Meta:
        model = Assessment

    team = factory.SubFactory(TeamFactory)
    target = Profile.BASIC


class AnswerFactory(factory.django.DjangoModelFactory):
    """A parameter that is written down."""

    class Meta:
        model = Answer

    assessment = factory.SubFactory(AssessmentFactory)
    parameter = "O-1"
    level = "2"


class MentorRequestFactory(factory.django.DjangoModelFactory):
    """A request that waits for another month; with a mentor, one that is agreed."""

    class Meta:
        model = MentorRequest

    team = factory.SubFactory(TeamFactory)
    wish = "Our duty roster."
    languages = factory.LazyFunction(lambda: ["en"])
    by = factory.LazyFunction(lambda: clock.today() + timedelta(days=30))
    state = factory.LazyAttribute(lambda o: RequestState.AGREED if o.mentor else RequestState.ASKED)
    mentor = None
    agreed_at = factory.LazyAttribute(lambda o: clock.now() if o.mentor else None)


def answered(assessment: Assessment, level: int = 2, **levels: int) -> Assessment:
    """Give every parameter a level; `O_1=4` is for one of them."""
    given = {name.replace("_", "-"): one for name, one in levels.items()}
    for parameter in parameters():
        AnswerFactory(
            assessment=assessment, parameter=parameter, level=str(given.get(parameter, level))
        )
    return assessment


def published(assessment: Assessment, level: int = 2, days: int = 10, **levels: int) -> Assessment:
    """Let a draft have been filled in and published so many days ago."""
    answered(assessment, level, **levels)
    assessment.published_at = clock.now() - timedelta(days=days)
    assessment.reached = sim3.reached(assessment.levels(), targets()) or ""
    assessment.judged_by = PROFILES_VERSION
    assessment.save()
    return assessment
