"""Every answer that the listener gives, in one place: code, enhanced code (RFC 3463) and what the sender can do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply (RFC 5321 4.2). `closing` replies are followed by the end of the connection."""

    code: int
    status: str
    text: str
    closing: bool = False

    @property
    def is_refusal(self) -> bool:
        """True when the sender did something that will not work however often it is tried."""
        return self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}" if self.status else f"{self.code} {self.text}"


# Our own troubles are told with these words and no others: no exception text ever leaves the house.
OUR_FAULT = Reply(451, "4.3.0", "Temporary trouble on our side; please try again later")

OK = Reply(250, "2.0.0", "OK")
SENDER_OK = Reply(250, "2.1.0", "Sender OK")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient OK")
GO_AHEAD = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
BYE = Reply(221, "2.0.0", "Bye", closing=True)
HELP = Reply(214, "2.0.0", "This is a helpdesk: send mail to its address, or ask its postmaster")
CANNOT_VERIFY = Reply(252, "2.1.5", "Not verified here; send the mail and see")

DRAINING = Reply(421, "4.3.2", "Shutting down; please try again in a minute", closing=True)
IDLE = Reply(421, "4.4.2", "Too slow; connection closed, please try again", closing=True)
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "Too many connections; please try again later", closing=True)
TOO_MANY_FROM_YOU = Reply(
    421, "4.7.0", "Too many connections from your address; close some and try again", closing=True
)
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors; please correct your commands", closing=True)
TOO_MANY_COMMANDS = Reply(421, "4.7.0", "Too many commands in one session; please connect again", closing=True)
TOO_MANY_LOGINS = Reply(421, "4.7.0", "Too many failed logins; check the password and try again later", closing=True)
NOT_SMTP = Reply(421, "4.7.0", "This is a mail server", closing=True)

BARE_NEWLINE_IN_COMMAND = Reply(500, "5.5.2", "Commands end with CR LF; a bare CR or LF is refused")
LINE_TOO_LONG = Reply(500, "5.5.6", "Command line too long; shorten it")
NOT_TEXT = Reply(500, "5.5.2", "Commands are plain text; characters of this line cannot be read")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "Command not known here; HELP tells whom to ask")
NOT_IMPLEMENTED = Reply(502, "5.5.1", "Not offered here; see the answer to EHLO")
LHLO_WANTED = Reply(500, "5.5.1", "This port speaks LMTP; greet with LHLO")
HELLO_FIRST = Reply(503, "5.5.1", "Greet first: EHLO, or LHLO on an LMTP port")
MAIL_FIRST = Reply(503, "5.5.1", "Send MAIL FROM first")
MAIL_TWICE = Reply(503, "5.5.1", "A mail is already begun; finish it or send RSET")
RCPT_FIRST = Reply(503, "5.5.1", "No recipient was accepted; send RCPT TO first")
HELLO_SYNTAX = Reply(501, "5.5.4", "Say who you are: EHLO your.host.name")
NO_ARGUMENT = Reply(501, "5.5.4", "This command takes no argument")
MAIL_SYNTAX = Reply(501, "5.5.4", "Write MAIL FROM:<address>, with the angle brackets")
RCPT_SYNTAX = Reply(501, "5.5.4", "Write RCPT TO:<address>, with the angle brackets")
PARAMETER_SYNTAX = Reply(501, "5.5.4", "A parameter has no sense here; check SIZE, BODY and SMTPUTF8")
PARAMETER_UNKNOWN = Reply(555, "5.5.4", "Parameter not known here; send only what EHLO offered")
BAD_SENDER = Reply(553, "5.1.7", "The sender address is malformed; correct it")
NEEDS_SMTPUTF8 = Reply(553, "5.6.7", "This address needs the SMTPUTF8 parameter")

UNKNOWN_RECIPIENT = Reply(550, "5.1.1", "No such address here; check its spelling")
BLOCKED_SENDER = Reply(550, "5.7.1", "Mail from this sender is refused here; ask the postmaster by another way")
TOO_LARGE = Reply(552, "5.3.4", "The mail is too large; send it smaller, or large files by another way")
TOO_MANY_LINES = Reply(552, "5.3.4", "The mail has too many lines; send it as an attachment")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients for one mail; send the rest in another one")
MAIL_LOOP = Reply(554, "5.4.6", "This mail went through too many servers; look for a loop in your forwarding")
BARE_NEWLINE_IN_MAIL = Reply(550, "5.6.11", "Lines of a mail end with CR LF; repair the program that wrote this one")
COMMANDS_AFTER_BARE_NEWLINES = Reply(
    550, "5.6.11", "Bare CR or LF, then commands: looks like SMTP smuggling", closing=True
)

TLS_ALREADY = Reply(503, "5.5.1", "TLS is already on")
AUTH_NEEDS_TLS = Reply(538, "5.7.11", "Use STARTTLS before AUTH")
AUTH_ALREADY = Reply(503, "5.5.1", "Already logged in")
AUTH_IN_MAIL = Reply(503, "5.5.1", "No AUTH inside a mail; send RSET first")
AUTH_UNKNOWN = Reply(504, "5.5.4", "Use AUTH PLAIN or AUTH LOGIN")
AUTH_OK = Reply(235, "2.7.0", "Logged in")
AUTH_WRONG = Reply(535, "5.7.8", "User name or password is wrong")
AUTH_CANCELLED = Reply(501, "5.7.0", "Login cancelled")
AUTH_UNREADABLE = Reply(501, "5.5.2", "Credentials are not in the form that the mechanism asks for")


def kept(number: int) -> Reply:
    """The one promise: the mail is on disk, under this number."""
    return Reply(250, "2.6.0", f"Kept as {number}")
