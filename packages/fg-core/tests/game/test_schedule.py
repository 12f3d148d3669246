from fg_core.game.schedule import Schedule

# Origins 9 to 14: the value of period 12 comes out a round late, that of 13 with it.
LATE = Schedule(1, 9, (9, 10, 11, 11, 13, 14), (8, 8, 10, 11, 11, 13), ((), (), (), (), (), ()))


def test_without_vintages_everything_follows_from_the_lag():
    plain = Schedule(lag=3)
    assert plain.is_plain
    assert plain.is_new(7)
    assert (plain.printed(7), plain.settled(7), plain.missing(7)) == (7, 4, ())
    assert plain.predicted_from(7, 9) == (4, 3)
    assert plain.distances((1, 4), 7, 9) == (1, 3, 4)
    assert plain.longest_lag == 3


def test_what_is_new_at_an_origin():
    assert [LATE.is_new(t) for t in range(10, 15)] == [True, True, False, True, True]


def test_how_far_ahead_agents_are_asked():
    # From the newest value: 1 or 2 for the horizon, and up to 2 for the predictives of prints.
    assert LATE.distances((1,), 10, 14) == (1, 2)
    assert LATE.distances((3,), 10, 14) == (1, 2, 3, 4)
    assert LATE.longest_lag == 2


def test_from_where_a_first_value_was_forecast():
    assert LATE.predicted_from(10, 12) == (8, 2)
    assert LATE.predicted_from(11, 14) == (10, 1)
    assert LATE.predicted_from(13, 14) == (11, 2)
    assert LATE.predicted_from(12, 14) is None  # it came out with a later one
    assert LATE.predicted_from(9, 12) is None  # before the games
