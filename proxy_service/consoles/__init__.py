"""Shared consoles: one room for each node, the agent's stream in, people around it, a transcript of what was said.

``rooms`` has the rooms of this process, ``room`` one of them, ``watching`` who looks on, ``writing`` who types,
``links`` the agent's stream, ``keeping`` what is put on disk, ``transcripts`` what is there and ``asciicast`` how it is
played, ``tickets`` what a browser shows in place of a token. What passes is in :mod:`device_profiles.console`, why in
decision 0017.
"""
