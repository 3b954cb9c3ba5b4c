"""That a reader cannot open a message: key ids do not prove that what was sealed opens."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import BufferedPost, HandOver, Message
from tcert.response.cases.enums import Presence
from tcert.response.cases.models.case import Case, CaseQuerySet, acting_team_ids
from tcert.response.cases.models.participant import Participant
from tcert.response.cases.models.thread import CaseThread, CaseThreadQuerySet, ThreadReader


class UnopenedQuerySet(models.QuerySet["Unopened"]):
    """What could not be opened, by who may know of it."""

    def visible_to(self, principal: Principal) -> "UnopenedQuerySet":
        """Return what the person's teams said, what they wrote, and all for who coordinates.

        Always in conversations that one of these teams reads.
        """
        threads: CaseThreadQuerySet = CaseThread.objects  # type: ignore[assignment]
        cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
        read = threads.visible_to(principal).filter(pk=OuterRef("thread"))
        return self.filter(
            Exists(read),
            Q(cases.coordinated_by(principal).this("thread__case")) | _concerning(principal),
        )

    def of_thread(self, link: CaseThread, principal: Principal) -> "UnopenedQuerySet":
        """Return what `visible_to` does of a conversation that the person reads."""
        found = self.filter(thread=link)
        return (
            found
            if link.case.is_coordinated_by(principal)
            else found.filter(_concerning(principal))
        )

    def standing(self) -> "UnopenedQuerySet":
        """Return what was not taken back, of those who still read the conversation."""
        reads = ThreadReader.objects.filter(
            thread=OuterRef("thread"),
            participant=OuterRef("participant"),
            joined_at__isnull=False,
            left_at=None,
        )
        return self.filter(
            Exists(reads), taken_back_at=None, participant__presence=Presence.TAKING_PART
        )

    def with_answer(self, *, to_its_reporter: bool = False) -> "UnopenedQuerySet":
        """Add `answered`: whether the sender wrote since, or the message was handed over anew.

        What a reporter has written and still waits counts for the reporter alone: a team that
        looked again and again would see the minute in which it came.
        """
        answered = _is_answered()
        return self.annotate(answered=answered | _is_waiting() if to_its_reporter else answered)

    def to_be_sealed_anew(self, principal: Principal) -> "UnopenedQuerySet":
        """Return what the person's teams wrote, somebody cannot open, and nothing followed."""
        said = self.filter(_written_by(principal), ~_is_answered())
        return said.visible_to(principal).standing()


def _is_answered() -> Q:
    """Ask whether the sender wrote since, or that reader got a hand-over."""
    later = _later()
    here = Message.objects.filter(thread=OuterRef("message__thread"), **later)
    # A report stands alone: its reporter answers in the talk that belongs to the same report.
    talk = Message.objects.filter(
        author_kind=HolderKind.REPORTER,
        thread__subject_kind=OuterRef("message__thread__subject_kind"),
        thread__subject_id=OuterRef("message__thread__subject_id"),
        **later,
    )
    handed = HandOver.objects.filter(
        original=OuterRef("message"),
        message__created_at__gte=OuterRef("said_at"),
        message__key_packets__recipient__holder_id=OuterRef("participant__team"),
    )
    return Q(Exists(here.order_by()) | Exists(talk.order_by()) | Exists(handed))


def _is_waiting() -> Q:
    """Ask whether its reporter wrote since what is not delivered yet."""
    return Q(Exists(BufferedPost.objects.filter(**_later())))


def _later() -> dict[str, OuterRef]:
    return {"author_id": OuterRef("message__author_id"), "position__gt": OuterRef("position")}


def _written_by(principal: Principal) -> Q:
    return Q(
        message__author_kind=HolderKind.TEAM, message__author_id__in=acting_team_ids(principal)
    )


def _concerning(principal: Principal) -> Q:
    return Q(participant__team__in=acting_team_ids(principal)) | _written_by(principal)


class Unopened(UuidModel):
    """A reader's word that it cannot open a message that was sealed to it."""

    what_we_see = Seen(
        "That a reader cannot open a message",
        readable={
            "id": "a random number",
            "thread": "in which conversation",
            "message": "which message",
            "participant": "which party said so",
            "said_at": "when",
            "taken_back_at": "when the party took it back, because the message opens after all",
            "position": "how far the conversation, or what its reporter wrote, had come by then",
        },
    )

    thread = models.ForeignKey(CaseThread, on_delete=models.CASCADE, related_name="unopened")
    # Its index is the constraint below, which begins with it.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField(default=clock.now)
    taken_back_at = models.DateTimeField(null=True)
    position = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["Unopened"]] = UnopenedQuerySet.as_manager()

    class Meta:
        ordering = ["participant__team__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "participant"], name="unopened_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.participant_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `UnopenedQuerySet.visible_to`."""
        teams = acting_team_ids(principal)
        wrote = self.message.author_kind == HolderKind.TEAM and self.message.author_id in teams
        return self.thread.is_visible_to(principal) and (
            self.thread.case.is_coordinated_by(principal)
            or self.participant.team_id in teams
            or wrote
        )
