"""A terminal line: echo, login, pages, questions."""

import pytest

from pointsman.twins.languages.terminal import Asks, Password, Terminal

pytestmark = pytest.mark.unit


class Parrot:
    """A language that says what it is told to."""

    pager = "--More--"
    prompt = "sw1#"

    def __init__(self, page_lines=0):
        self.page_lines = page_lines
        self.ended = False
        self.asked = []

    def run(self, line):
        if line == "exit":
            self.ended = True
            return ""
        if line == "delete":
            return Asks("Sure? [confirm]", lambda answer: self.asked.append(answer) or "gone\n", echo=True)
        return "".join(f"line {number}\n" for number in range(int(line or 0)))


def test_what_is_typed_is_echoed_where_it_is_taken():
    line = Terminal(Parrot(), banner="hello\n")
    assert line.greet() == b"hello\r\nsw1#"
    assert line.feed(b"1\n2\r\n") == b"1\r\nline 0\r\nsw1#2\r\nline 0\r\nline 1\r\nsw1#"
    assert line.feed(b"3") == b"3"
    assert line.feed(b"\x7f1\r") == b"1\r\nline 0\r\nsw1#"


def test_a_long_answer_stops_until_a_key_is_pressed():
    line = Terminal(Parrot(page_lines=3))
    line.greet()
    assert line.feed(b"5\n").endswith(b"line 1\r\n--More--")
    erased = b"\b" * 8 + b" " * 8 + b"\b" * 8
    assert line.feed(b"\r") == erased + b"line 2\r\n--More--"
    assert line.feed(b" ") == erased + b"line 3\r\nline 4\r\nsw1#"
    line.feed(b"9\n")
    assert line.feed(b"q") == erased + b"sw1#"


def test_a_question_takes_the_next_line():
    parrot = Parrot()
    line = Terminal(parrot)
    line.greet()
    assert line.feed(b"delete\n") == b"delete\r\nSure? [confirm]"
    assert line.feed(b"\n") == b"\r\ngone\r\nsw1#"
    assert parrot.asked == [""]


def test_a_login_hides_the_password_and_starts_again_when_it_is_wrong():
    line = Terminal(Parrot(), password=Password(user="admin", password="pw"))
    assert line.greet() == b"\r\nUsername: "
    assert line.feed(b"admin\n") == b"admin\r\nPassword: "
    assert line.feed(b"no\n") == b"\r\n% Login invalid\r\n\r\nUsername: "
    line.feed(b"admin\n")
    assert line.feed(b"pw\n") == b"\r\nsw1#"


def test_a_session_ends():
    line = Terminal(Parrot())
    line.greet()
    line.feed(b"exit\n")
    assert line.ended
