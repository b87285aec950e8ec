"""Which epochs are kept, and what is drawn and written of them."""

import os

import numpy as np
import pytest
from PIL import Image
from watching import IMAGES, Growing, colour_of, colour_of_maps, unsure, watched

import xaiteach as xt


def test_a_map_an_epoch_is_kept_in_order():
    watch = watched(3)
    assert watch.epochs == [1, 2, 3] and watch.maps.shape == (3, 2, 6, 8) and watch.maps.dtype == np.float32
    np.testing.assert_array_equal(watch.maps[:, 0, 0, 0], [1, 2, 3])


def test_only_the_epochs_that_the_number_divides_are_looked_at():
    watch = xt.callbacks.HeatMaps(IMAGES, Growing(), every=2)
    for epoch in range(6):
        watch(unsure, epoch)
    assert watch.epochs == [0, 2, 4] and watch.method.calls == 3


def test_pictures_are_one_an_epoch_and_sort_by_name(tmp_path):
    watched(11, IMAGES[:1], folder=tmp_path / "new" / "runs")
    files = sorted(os.listdir(tmp_path / "new" / "runs"))
    assert files == [f"Growing_epoch_{epoch:04d}.png" for epoch in range(1, 12)]
    with Image.open(tmp_path / "new" / "runs" / files[2]) as picture:
        assert "Epoch 3." in picture.text["Description"]


def test_while_it_trains_a_picture_has_its_own_scale_unless_told(tmp_path):
    watched(2, folder=tmp_path / "own")
    watched(2, folder=tmp_path / "given", scale=4.0)

    def colour(folder, epoch):
        with Image.open(tmp_path / folder / f"Growing_epoch_{epoch:04d}.png") as picture:
            return colour_of_maps(picture)

    np.testing.assert_array_equal(colour("own", 1), colour("own", 2))
    np.testing.assert_allclose(colour("given", 1), colour_of(1 / 4), atol=1)
    np.testing.assert_allclose(colour("given", 2), colour_of(2 / 4), atol=1)


def test_the_film_strip_has_a_row_an_image_and_a_column_an_epoch_on_one_scale():
    figure = watched(3).film()
    titles = [ax.get_title() for ax in figure.axes[:8]]
    assert titles == ["", "epoch 1", "epoch 2", "epoch 3"] * 2
    np.testing.assert_allclose(figure.axes[4].images[0].get_array(), IMAGES[1, ..., 0])
    strongest = [ax.images[0].get_array().max() for ax in figure.axes[:8]]
    assert strongest[1:4] == strongest[5:] == [1, 2, 3]
    assert {ax.images[0].norm.vmax for i, ax in enumerate(figure.axes[:8]) if i % 4} == {3.0}
    assert "epoch 2: peak at row 0, column 0" in figure.alt and "0 (70 %)" in figure.alt


def test_a_long_film_shows_ten_epochs_with_the_first_and_the_last():
    titles = [ax.get_title() for ax in watched(25, IMAGES[:1]).film().axes[1:11]]
    assert len(set(titles)) == 10 and titles[0] == "epoch 1" and titles[-1] == "epoch 25"


def test_the_animation_has_a_frame_an_epoch_of_one_size_and_scale(tmp_path):
    watched(3).save(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as animation:
        assert animation.n_frames == 3
        for i in range(3):
            animation.seek(i)
            np.testing.assert_allclose(
                colour_of_maps(animation), colour_of((i + 1) / 3), atol=8
            )  # a GIF has 256 colours
    assert os.listdir(tmp_path) == ["film.gif"]


def test_the_film_strip_is_saved_too(tmp_path):
    watched(2).save(tmp_path / "film.png")
    with Image.open(tmp_path / "film.png") as film:
        assert film.width > film.height and "epoch 2" in film.text["Description"]


@pytest.mark.parametrize("where", ["folder", "tensorboard"])
def test_a_folder_that_cannot_be_written_is_said_before_the_training(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file.* can't be written .*; name a folder you may write to"):
        xt.callbacks.HeatMaps(IMAGES, **{where: tmp_path / "file"})
    xt.callbacks.HeatMaps(IMAGES, folder=tmp_path / "empty")
    assert os.listdir(tmp_path / "empty") == []


def test_a_disk_that_fills_up_costs_a_warning_and_not_the_training(tmp_path, monkeypatch):
    watch = xt.callbacks.HeatMaps(IMAGES, Growing(), folder=tmp_path)
    watch(unsure, 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.warns(UserWarning, match=r"epoch_0002\.png can't be written \(No space .*training goes on"):
        watch(unsure, 2)
    monkeypatch.undo()
    watch(unsure, 3)
    assert watch.epochs == [1, 2, 3]
    assert sorted(os.listdir(tmp_path)) == ["Growing_epoch_0001.png", "Growing_epoch_0003.png"]


def test_a_second_training_is_not_mixed_with_the_first():
    watch = watched(3)
    with pytest.raises(ValueError, match="Epoch 1 comes after epoch 3.*Make a new watcher"):
        watch(unsure, 1)
    with pytest.raises(ValueError, match="Epoch 3 comes after epoch 3"):
        watch(unsure, 3)
    watch(unsure, 4)
    assert watch.epochs == [1, 2, 3, 4] and len(watch.maps) == 4


def test_a_call_in_the_wrong_order_is_said():
    with pytest.raises(ValueError, match=r"want how many epochs are done, .* watch\(model, epoch\)"):
        watched(0)(1, unsure)
    with pytest.raises(TypeError, match="want a Keras model, a torch.nn.Module"):
        watched(0)(3, 1)


def test_without_an_epoch_there_is_nothing_to_show(tmp_path):
    watch = xt.callbacks.HeatMaps(IMAGES, every=50)
    for ask in (lambda: watch.maps, watch.film, lambda: watch.save(tmp_path / "film.gif")):
        with pytest.raises(ValueError, match=r"No epoch was looked at yet \(every=50\)"):
            ask()
    assert os.listdir(tmp_path) == []


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"film\.mp4 ends in \.mp4; want \.png .* or \.gif"):
        watched(1).save(tmp_path / "film.mp4")
