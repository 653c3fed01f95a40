"""What `maild init` writes: the few keys that a desk starts with; `config.example.toml` has all of them."""

STARTER = """\
# The configuration of maild. `maild check` says what is wrong in it, and where.
# Relative paths are relative to this file. Every key there is: config.example.toml
# Passwords may lie elsewhere: password_file = "/run/secrets/x", or password = { env = "X" }.

[desk]
name = "Example Support"
address = "support@example.test"    # where customers write, and From of what they get
ticket_prefix = "TICK"              # TICK-1001, TICK-1002, ...
timezone = "UTC"                    # such as "Europe/Berlin"
language = "en"

# Who answers. One [[agents]] for each.
[[agents]]
name = "alice"
email = "alice@example.test"        # where notifications go, and where her answers come from
role = "admin"                      # admin, agent, developer
teams = ["first-line"]

# How mail comes in: let your mail server hand it to this port (SMTP), ...
[smtp]
listen = "127.0.0.1:2525"

# ... or let maild fetch it from a mailbox; remove the marks and fill in:
# [[imap]]
# host = "imap.example.test"
# security = "tls"                  # tls, starttls
# username = "support@example.test"
# password_file = "imap.password"

# How mail goes out. This folder is for trials: nothing leaves, every mail lies there to be read.
# Then your relay: "smtp://127.0.0.1:25", or "smtp+starttls://user:password@smtp.example.test:587"
[delivery]
url = "maildir:outgoing"

# An agent acts by mail only when his mail is proven to be his. Name your own mail server here,
# as it names itself in the Authentication-Results that it adds, and believe it on its way to us:
# [authentication]
# trusted_authserv_ids = ["mx.example.test"]
# (and [smtp] trusted_peers = ["127.0.0.1"], or [[imap]] trust_authentication_results = true)
"""
