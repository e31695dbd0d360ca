"""Asks the mail server whether it would take our mail, without sending any."""

from __future__ import annotations

import smtplib
import ssl

from service.settings import Settings

_TIMEOUT_SECONDS = 5.0


def refusal(settings: Settings) -> tuple[str, str] | None:
    """Why it would not, and what mends that; `None` when it would."""
    host, port = settings.smtp_host, settings.smtp_port
    try:
        with smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS) as server:
            if settings.smtp_starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password or "")
    except smtplib.SMTPNotSupportedError as error:
        lacks = "export GIVEGET_SMTP_STARTTLS=false" if "STARTTLS" in str(error) else _USER
        return f"the mail server {host}:{port} lacks what is set: {error}", lacks
    except smtplib.SMTPAuthenticationError as error:
        return f"the mail server {host}:{port} refuses the log-in ({error.smtp_code})", _USER
    except (smtplib.SMTPException, OSError) as error:
        return f"the mail server {host}:{port} takes no mail: {error}", _PLACE
    return None


_USER = "export GIVEGET_SMTP_USER='…' GIVEGET_SMTP_PASSWORD='…'"
_PLACE = "export GIVEGET_SMTP_HOST='…' GIVEGET_SMTP_PORT='…'"
