"""What a reporter takes along: the messages that its receipt opens, sealed, and its locked key."""

from django.template.loader import render_to_string

from tcert.foundation.openpgp.packets import armour
from tcert.foundation.sealed.part import Part, as_json
from tcert.response.intake import queries
from tcert.response.intake.domain.mailbox import Mailbox
from tcert.response.intake.salt import deployment_salt


def part_of(box: Mailbox) -> Part:
    """Return what goes into a reporter's copy; the receipt is not in it, and no record is made.

    A reporter's message that still waits to be delivered is not in it either.
    """
    messages = box.messages()
    authors = {message.author for message in messages}
    names = queries.names_by_holder(authors)
    return Part(
        holders=[box.holder],
        message_ids=[message.id for message in messages],
        conversations={message.thread_id: str(message.kind) for message in messages},
        authors=names,
        texts={
            "locked-key.asc": armour(bytes(box.report.locked_secret), "MESSAGE"),
            "case.json": as_json(
                {
                    "name": box.case.code_name,
                    "received_on": box.report.received_on.isoformat(),
                    "status": queries.status(box.case),
                }
            ),
            "README.txt": render_to_string("intake/part.txt", {"salt": deployment_salt().hex()}),
        },
    )
