"""Mails as they come back: reports of RFC 3464, plain ones, and what only looks like one."""


def report(to: str, *, action: str = "failed", status: str = "5.1.1", extra: str = "") -> bytes:
    """A delivery status notification as mail systems write it."""
    return f"""Return-Path: <>
Delivered-To: {to}
From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
{extra}
--b
Content-Type: text/plain

I am sorry to have to inform you that your s3cret message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; soc@operator.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown in table of secrets

--b
Content-Type: message/rfc822

Subject: inner

--b--
""".replace("\n", "\r\n").encode()


def plain(to: str, **headers: str) -> bytes:
    """A mail that an old system returned, without a report."""
    told = {"Return_Path": "<>", "From": "MAILER-DAEMON@old.example", "To": to, **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return ("\r\n".join(lines) + "\r\n\r\nIt failed.\r\n").encode()
