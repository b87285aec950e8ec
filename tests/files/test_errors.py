"""What an error says, in a line."""

from xaiteach.files.errors import short


def test_an_error_is_one_line_without_colours_and_without_the_arguments_of_keras():
    error = ValueError("\x1b[1mToo\nfew\x1b[0m   axes.\n\nArguments received by Conv2D.call():\n  • inputs=…")
    assert short(error) == "Too few axes."


def test_a_long_error_is_cut_and_an_empty_one_named():
    assert short(ValueError("x" * 500)) == "x" * 120
    assert short("x" * 500, 400) == "x" * 400
    assert short(KeyError()) == "KeyError"
