"""The command line of the helper package: what it prints, and its exit codes."""

import numpy as np
import pytest
from PIL import Image

import xaiteach as xt
from xaiteach import __main__ as command


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("my photos") / "cat.png"
    Image.fromarray((255 * xt.load_photo("cat", size=64)).astype(np.uint8)).save(path)
    return str(path)


@pytest.fixture(scope="module")
def grey_model(tmp_path_factory):
    """A Keras file that knows two classes, dark and bright, and a file with their names."""
    from keras import Input, Sequential, layers

    folder = tmp_path_factory.mktemp("models")
    model = Sequential([Input((8, 8, 1)), layers.GlobalAveragePooling2D(), layers.Dense(2)])
    model.layers[-1].set_weights([np.array([[-4.0, 4]]), np.array([2.0, -2])])
    model.save(folder / "grey.keras")
    (folder / "labels.txt").write_text("0 dark\n1 bright\n", encoding="utf-8")
    return str(folder / "grey.keras"), str(folder / "labels.txt")


def test_a_photo_is_explained_in_words_and_in_a_file(photo, tmp_path, capsys):
    expected = xt.explain(xt.load_photo_classifier(), photo, ["grad_cam", "saliency"], 2, progress=False)
    options = ["--model", "photos", "--method", "grad_cam", "--method", "saliency", "--top", "2"]
    for ending in ("png", "html", "npz"):
        out = tmp_path / f"why.{ending}"
        assert command.main(["explain", photo, *options, "--out", str(out)]) == 0
        assert capsys.readouterr().out == f"{expected.describe()}\n"
        assert out.stat().st_size > 1000
    assert xt.load_explanation(out).options["grad_cam"]["layer"] == "relu5"


def test_a_model_file_gets_its_class_names_from_a_file(photo, grey_model, capsys):
    model, labels = grey_model
    asked = ["explain", photo, "--model", model, "--method", "occlusion"]
    assert command.main([*asked, "--labels", labels]) == 0
    assert "why dark:" in capsys.readouterr().out
    assert command.main(asked) == 0
    assert "why 0:" in capsys.readouterr().out


def test_a_model_is_given_pictures_up_to_the_white_that_is_said(photo, grey_model, capsys):
    """The photo's mean is about 0.4, dark for this model; ten times that is bright."""
    asked = ["explain", photo, "--model", grey_model[0], "--labels", grey_model[1], "--method", "occlusion"]
    for white, answer in (("1", "dark"), ("10", "bright")):
        assert command.main([*asked, "--top", "1", "--white", white]) == 0
        assert f"why {answer}:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no such photo.png", "--model", "photos"], "does not exist"),
        (["PHOTO", "--model", "no/such/model.keras"], "no/such/model.keras"),
        (["PHOTO", "--model", "resnet5000"], "resnet50"),
        (["PHOTO", "--model", "photos", "--method", "grad_cam", "--layer", "scores"], "no height and width"),
        (["PHOTO", "--model", "photos", "--labels", "labels.txt"], "leave it out"),
        (["PHOTO", "--model", "photos", "--white", "255"], "--white is for the file of a model"),
        (["PHOTO", "--model", "MODEL", "--labels", "."], "no text in UTF-8"),
        (["PHOTO", "--model", "photos", "--top", "0"], "a whole number from 1"),
        (["PHOTO", "--model", "photos", "--out", ""], "want .npz, .png or .html"),
    ],
)
def test_what_can_not_be_explained_is_one_line_and_exit_code_1(photo, grey_model, capsys, words, said):
    given = {"PHOTO": photo, "MODEL": grey_model[0]}
    assert command.main(["explain", *(given.get(word, word) for word in words)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("xaiteach: ") and error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--method", "gradcam"], "grad_cam"), (["--top", "a"], "invalid int")],
)
def test_words_that_are_not_known_are_exit_code_2(photo, capsys, words, said):
    with pytest.raises(SystemExit) as ended:
        command.main(["explain", photo, "--model", "photos", *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_who_stops_it_gets_a_line_and_exit_code_130(photo, capsys, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(xt, "explain", stopped)
    assert command.main(["explain", photo, "--model", "photos"]) == 130
    assert capsys.readouterr().err == "xaiteach: stopped.\n"


def test_a_warning_is_one_line_too(tmp_path, capsys):
    frames = [Image.new("L", (64, 64), grey) for grey in (255, 0)]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    asked = ["explain", str(tmp_path / "two.gif"), "--model", "photos", "--method", "saliency"]
    assert command.main(asked) == 0
    assert capsys.readouterr().err == "xaiteach: two.gif holds several pictures; the first is taken.\n"
