"""maild beside Roundup and django-helpdesk: the same mails, by turns, on one machine."""
