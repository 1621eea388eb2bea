"""Serial over LAN packet by packet: what is lost, refused in part, or comes twice."""

import pytest

from drivers.ipmi.child.serial import Serial

pytestmark = pytest.mark.unit

ACK, NACK, OFF, CUT, BREAK = 0x00, 0x40, 0x20, 0x10, 0x10


class World:
    """One end of a line, the clock, and all that came of it."""

    def __init__(self, most=8):
        self.now_s = 100.0
        self.sent, self.said, self.lost, self.done = [], b"", [], []
        self.end = Serial(send=self.sent.append, hear=self.hear, lose=self.lose, most=most, clock=lambda: self.now_s)

    def hear(self, data):
        self.said += data

    def lose(self, text):
        self.lost.append(text)
        self.end.end(text)

    def say(self, data):
        self.end.say(data, self.done.append)

    def came(self, number, acknowledged, count, status, data=b""):
        self.end.take(bytes((number, acknowledged, count, status)) + data)

    def later(self, seconds):
        self.now_s += seconds
        self.end.tick()


def packet(number, data, operation=0):
    return bytes((number, 0, 0, operation)) + data


def test_characters_go_a_packet_at_a_time_and_the_numbers_begin_again_after_15():
    world = World(most=2)
    world.say(b"abc")
    assert world.sent == [packet(1, b"ab")]
    world.came(0, 1, 2, ACK)
    assert world.sent[1:] == [packet(2, b"c")]
    assert world.done == []
    world.came(0, 2, 1, ACK)
    assert world.done == [""]
    for number in (*range(3, 16), 1, 2):
        world.say(b"x")
        assert world.sent[-1] == packet(number, b"x")
        world.came(0, number, 1, ACK)


def test_what_is_not_acknowledged_is_sent_again_under_its_number_and_then_the_line_is_lost():
    world = World()
    world.say(b"ab")
    world.say(b"cd")
    world.came(0, 3, 2, ACK)  # of another one
    world.later(0.1)
    assert world.sent == [packet(1, b"ab")]
    for _ in range(20):
        world.later(1.0)
    assert set(world.sent) == {packet(1, b"ab")}
    assert 5 <= len(world.sent) <= 8
    (why,) = world.lost
    assert world.done == [why, why]
    assert world.end.next_at is None


def test_what_is_taken_in_part_goes_on_with_the_rest_under_the_next_number():
    world = World()
    world.say(b"abcd")
    world.came(0, 1, 3, NACK)
    assert world.sent[1:] == [packet(2, b"d")]
    world.came(0, 2, 0, ACK)  # some count nothing, and took it
    assert world.done == [""]


def test_a_port_that_takes_nothing_is_given_a_moment():
    world = World()
    world.say(b"ab")
    world.came(0, 1, 0, NACK)
    assert len(world.sent) == 1
    world.say(b"cd")
    assert len(world.sent) == 1
    world.later(0.2)
    assert world.sent[1:] == [packet(2, b"ab")]
    world.came(0, 2, 2, ACK)
    assert world.sent[2:] == [packet(3, b"cd")]


def test_what_is_said_to_a_machine_that_is_off_is_gone():
    world = World()
    world.say(b"ab")
    world.came(0, 1, 0, NACK | OFF)
    assert world.done == [""]
    assert not world.lost


def test_what_comes_twice_is_heard_once_and_what_was_added_is_heard_too():
    world = World()
    world.came(1, 0, 0, 0, b"log")
    world.came(1, 0, 0, 0, b"log")
    world.came(1, 0, 0, 0, b"login:")
    world.came(2, 0, 0, 0, b" ")
    assert world.said == b"login: "
    assert world.sent == [bytes((0, 1, 3, 0))] * 2 + [bytes((0, 1, 6, 0)), bytes((0, 2, 1, 0))]


def test_more_than_a_byte_can_count_is_heard_and_acknowledged_all_the_same():
    world = World()
    world.came(1, 0, 0, 0, b"x" * 256)
    assert (world.said, world.sent) == (b"x" * 256, [bytes((0, 1, 255, 0))])


def test_a_packet_may_bring_characters_and_an_acknowledgement():
    world = World()
    world.say(b"a")
    world.came(7, 1, 1, ACK, b"a")
    assert (world.said, world.done) == (b"a", [""])


def test_a_break_goes_between_what_was_said_before_and_after_it():
    world = World()
    world.say(b"a")
    world.end.send_break(world.done.append)
    world.say(b"b")
    world.came(0, 1, 1, ACK)
    world.came(0, 2, 0, ACK)
    assert world.sent == [packet(1, b"a"), packet(2, b"", BREAK), packet(3, b"b")]


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01\x00\x00"])
def test_what_is_no_packet_is_let_go_by(payload):
    world = World()
    world.end.take(payload)
    assert (world.said, world.sent, world.lost) == (b"", [], [])


def test_a_line_that_is_ended_there_is_lost_with_its_last_words():
    world = World()
    world.say(b"ab")
    world.came(4, 0, 0, CUT, b"bye")
    assert world.said == b"bye"
    assert world.done == world.lost
