"""Which epochs are kept, and what is drawn and written of them."""

import os

import numpy as np
import pytest
from PIL import Image
from watching import IMAGES, Growing, colour_of, colour_of_maps, unsure, watched

import xaiteach as xt


def test_a_map_an_epoch_is_kept_in_order_and_only_the_epochs_that_the_number_divides_are_looked_at():
    watch = watched(3)
    assert watch.epochs == [1, 2, 3] and watch.maps.shape == (3, 2, 6, 8) and watch.maps.dtype == np.float32
    np.testing.assert_array_equal(watch.maps[:, 0, 0, 0], [1, 2, 3])
    watch = watched(6, IMAGES[0], every=2)
    assert watch.epochs == [2, 4, 6] and watch.method.calls == 3 and watch.maps.shape == (3, 6, 8)


def test_pictures_are_one_an_epoch_and_sort_by_name(tmp_path):
    folder = tmp_path / "new" / "runs"
    watched(11, IMAGES[:1], folder=folder)
    assert sorted(os.listdir(folder)) == [f"Growing_epoch_{epoch:04d}.png" for epoch in range(1, 12)]
    with Image.open(folder / "Growing_epoch_0003.png") as picture:
        assert "Epoch 3." in picture.text["Description"]


@pytest.mark.parametrize(("scale", "shares"), [(None, [1, 1]), (4.0, [1 / 4, 2 / 4])])
def test_while_it_trains_a_picture_has_its_own_scale_unless_told(tmp_path, scale, shares):
    watched(2, folder=tmp_path, scale=scale)
    for epoch, share in enumerate(shares, 1):
        with Image.open(tmp_path / f"Growing_epoch_{epoch:04d}.png") as picture:
            np.testing.assert_allclose(colour_of_maps(picture), colour_of(share), atol=1)


def test_the_film_strip_has_a_row_an_image_and_a_column_an_epoch_on_one_scale(tmp_path):
    watch = watched(3)
    figure = watch.film()
    titles = [ax.get_title() for ax in figure.axes[:8]]
    assert titles == ["", "epoch 1", "epoch 2", "epoch 3"] * 2
    np.testing.assert_allclose(figure.axes[4].images[0].get_array(), IMAGES[1, ..., 0])
    strongest = [ax.images[0].get_array().max() for ax in figure.axes[:8]]
    assert strongest[1:4] == strongest[5:] == [1, 2, 3]
    assert {ax.images[0].norm.vmax for i, ax in enumerate(figure.axes[:8]) if i % 4} == {3.0}
    assert "epoch 2: peak at row 0, column 0" in figure.alt and "0 (70 %)" in figure.alt
    watch.save(tmp_path / "film.png")
    with Image.open(tmp_path / "film.png") as film:
        assert film.text["Description"] == figure.alt


def test_a_long_film_shows_ten_epochs_with_the_first_and_the_last():
    titles = [ax.get_title() for ax in watched(25, IMAGES[:1]).film().axes[1:11]]
    assert len(set(titles)) == 10 and titles[0] == "epoch 1" and titles[-1] == "epoch 25"


def test_the_animation_has_a_frame_an_epoch_of_one_size_and_scale(tmp_path):
    watched(3).save(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as animation:
        assert animation.n_frames == 3
        for i in range(3):
            animation.seek(i)
            of_256_colours = colour_of((i + 1) / 3)
            np.testing.assert_allclose(colour_of_maps(animation), of_256_colours, atol=8)
    assert os.listdir(tmp_path) == ["film.gif"]


@pytest.mark.parametrize("where", ["folder", "tensorboard"])
def test_a_folder_that_cannot_be_written_is_said_before_the_training(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file.* can't be written .*; name a folder you may write to"):
        xt.callbacks.HeatMaps(IMAGES, **{where: tmp_path / "file"})
    xt.callbacks.HeatMaps(IMAGES, folder=tmp_path / "empty")
    assert os.listdir(tmp_path / "empty") == []


def test_a_disk_that_fills_up_costs_a_warning_and_not_the_training(tmp_path, monkeypatch):
    watch = xt.callbacks.HeatMaps(IMAGES, Growing(), folder=tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.replace", full)
        with pytest.warns(UserWarning, match=r"0001\.png can't be written \(No space .*training goes on"):
            watch(unsure, 1)
    watch(unsure, 2)
    assert watch.epochs == [1, 2] and os.listdir(tmp_path) == ["Growing_epoch_0002.png"]


def test_a_second_training_is_not_mixed_with_the_first_and_a_call_in_the_wrong_order_is_said():
    watch = watched(3)
    for epoch in (1, 3):
        with pytest.raises(ValueError, match=f"Epoch {epoch} comes after epoch 3.*Make a new watcher"):
            watch(unsure, epoch)
    watch(unsure, 4)
    assert watch.epochs == [1, 2, 3, 4] and len(watch.maps) == 4
    with pytest.raises(ValueError, match="Epoch 1 comes after epoch 4"):
        watch.for_keras().on_epoch_begin(0)
    with pytest.raises(ValueError, match=r"want how many epochs are done, .* watch\(model, epoch\)"):
        watch(1, unsure)
    with pytest.raises(TypeError, match="want a Keras model, a torch.nn.Module"):
        watch(3, 5)


def test_without_an_epoch_there_is_nothing_to_show_and_only_png_and_gif_are_written(tmp_path):
    watch = xt.callbacks.HeatMaps(IMAGES, every=50, scale=1.0)
    for ask in (lambda: watch.maps, watch.film, lambda: watch.save(tmp_path / "film.gif")):
        with pytest.raises(ValueError, match=r"No epoch was looked at yet \(every=50\)"):
            ask()
    with pytest.raises(ValueError, match=r"film\.mp4 ends in \.mp4; want \.png .* or \.gif"):
        watch.save(tmp_path / "film.mp4")
    assert os.listdir(tmp_path) == []
