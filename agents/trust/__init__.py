"""Whom the agent believes: the service's keys, its epoch, and what of it is older than what was accepted before."""
