"""Tickets, pure: events and their fold, workflow, people, timers, roles, the query language."""
