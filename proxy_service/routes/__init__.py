"""The routes: thin. Each finds out who calls, reads what was sent, runs one unit or view, and answers."""
