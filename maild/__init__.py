"""maild: an email-driven helpdesk daemon. Mail in → events → mail out."""

__version__ = "0.1.0"
