"""Pictures and maps in panels: their colours, scales, titles and alternative texts."""

import io
from functools import partial
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import xaiteach as xt
from xaiteach.figures.draw import COLOURS
from xaiteach.figures.show import SIGNS, STYLES

GREY = np.linspace(0.2, 0.7, 48).reshape(6, 8, 1)
RGB = 0.2 + 0.5 * np.random.default_rng(0).random((6, 8, 3))
MAP = np.zeros((6, 8))
MAP[2, 3], MAP[5, 5] = 4, -2


def pixels(figure):
    data, metadata = figure._repr_mimebundle_()
    assert metadata["image/png"]["alt"] == figure.alt
    return matplotlib.image.imread(io.BytesIO(data["image/png"]))


def panels(figure):
    return [ax for ax in figure.axes if ax.images and ax.get_label() != "<colorbar>"]


def colours(ax):
    """The uppermost picture of a panel as RGBA."""
    return ax.images[-1].to_rgba(ax.images[-1].get_array())


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("image", [GREY, RGB], ids=["grey", "rgb"])
@pytest.mark.parametrize("map", [MAP, 0 * MAP], ids=["map", "zero map"])
def test_every_style_draws_every_kind_of_picture_and_map(style, image, map):
    figure = xt.show(image, map, style=style)
    assert isinstance(figure, Figure) and pixels(figure).std() > 0
    assert len(panels(figure)) == 2


@pytest.mark.parametrize("image", [GREY, RGB], ids=["grey", "rgb"])
def test_pictures_keep_their_contrast_and_their_colours(image):
    """These are dull: nothing in them is black or white."""
    shown = panels(xt.show(image))[0].images[0]
    assert shown.get_clim() == (0, 1)
    drawn = colours(panels(xt.show(image))[0])[..., :3]
    np.testing.assert_allclose(drawn, np.broadcast_to(image, (6, 8, 3)), atol=1 / 255)


def test_panels_have_the_shape_of_what_they_show_and_the_bar_says_which_colour_is_for_the_class():
    wide, high = (xt.show(None, np.ones(size)).get_size_inches() for size in ((10, 20), (20, 10)))
    assert wide[0] == high[0] and high[1] == 4 * wide[1]
    labels = [text.get_text() for text in xt.show(RGB, MAP).axes[-1].get_yticklabels()]
    assert labels == ["−4\nagainst", "0", "4\nfor"]


@pytest.mark.parametrize("n", [1, 10, 11])
def test_one_to_twenty_images_each_with_its_map(n):
    titles = [str(i) for i in range(n)]
    figure = xt.show(np.repeat(GREY[None], n, 0), np.repeat(MAP[None], n, 0), titles=titles)
    assert len(panels(figure)) == 2 * n
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == titles


def test_zero_is_neutral_signs_have_opposite_colours_and_all_maps_share_one_scale():
    first, second = panels(xt.show(None, np.stack([MAP, MAP / 2]), style="heatmap"))
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-4, 4)
    image = colours(first)
    white, strongest, weaker = image[0, 0, :3], image[2, 3, :3], image[5, 5, :3]
    assert white.min() > 0.95
    np.testing.assert_allclose(strongest, COLOURS(1.0)[:3], atol=0.01)
    np.testing.assert_allclose(weaker, COLOURS(0.25)[:3], atol=0.02)
    assert strongest[0] > strongest[2] and weaker[2] > weaker[0], "red is for the class, blue against it"
    overlay = colours(panels(xt.show(GREY, MAP))[1])
    assert overlay[0, 0, 3] == 0 and overlay[2, 3, 3] == 1 and 0 < overlay[5, 5, 3] < 1


def test_signs_select_what_is_drawn_and_stand_in_the_title():
    drawn = {}
    for sign in SIGNS:
        panel = panels(xt.show(None, {"LIME": MAP}, style="heatmap", sign=sign))[0]
        drawn[sign] = panel.images[0].get_array()
        assert panel.get_title() == ("LIME" if sign == "all" else f"LIME, {sign}")
    assert drawn["positive"].min() == 0 and drawn["positive"].max() == 4
    assert drawn["negative"].max() == 0 and drawn["negative"].min() == -2
    assert drawn["absolute"].min() == 0 and drawn["absolute"].sum() == 6
    assert [ax.get_title() for ax in panels(xt.show(GREY, MAP, sign="absolute"))] == ["", "absolute"]


def test_masked_keeps_80_per_cent_of_the_map_and_alpha_as_far_as_it_is_strong():
    kept = panels(xt.show(RGB, MAP, style="masked"))[1].images[0].get_array()
    for place, shown in (((2, 3), RGB[2, 3]), ((5, 5), RGB[5, 5]), ((0, 0), 0.5)):
        np.testing.assert_allclose(kept[place], shown, atol=1e-6)
    alpha = panels(xt.show(RGB, MAP, style="alpha"))[1].images[1].get_alpha()
    assert (alpha[2, 3], alpha[5, 5], alpha[0, 0]) == (1, 0.5, 0)


def test_a_dictionary_of_maps_gives_a_named_panel_each_and_needs_no_picture():
    two, maps = np.stack([GREY, GREY]), {"a": np.stack([MAP, MAP]), "b": np.stack([MAP, MAP])}
    for images, given, titles in ((two, maps, ["", "", *"aabb"]), (None, maps, list("aabb"))):
        assert [ax.get_title() for ax in panels(xt.show(images, given))] == titles
    assert [ax.get_title() for ax in panels(xt.show(None, {"a": MAP, "b": -MAP}))] == ["a", "b"]


def test_views_share_one_scale_draw_the_sign_they_name_and_leave_the_original_untouched():
    positive, negative = panels(xt.views(GREY, MAP, styles=["heatmap"], signs=["positive", "negative"]))
    assert positive.images[0].get_clim() == negative.images[0].get_clim() == (-4, 4)
    assert positive.images[0].get_array().min() == negative.images[0].get_array().max() == 0
    original = panels(xt.views(RGB, MAP, styles=["original"], signs=["all"]))[0]
    np.testing.assert_array_equal(original.images[0].get_array(), np.float32(RGB))


show, views = partial(xt.show, images=GREY, maps=MAP), partial(xt.views, image=GREY, map=MAP)


@pytest.mark.parametrize(
    ("draw", "arguments", "words"),
    [
        (show, {"style": "pretty"}, "style='pretty' is not known; choose one of 'original', 'overlay'"),
        (show, {"sign": "both"}, "sign='both' is not known"),
        (show, {"maps": np.zeros((3, 4))}, "leave resize=True"),
        (show, {"maps": np.zeros((8, 6))}, r"Maps of shape \(8, 6\) .* the images are \(6, 8\)"),
        (show, {"maps": np.full((6, 8), np.nan)}, "NaN"),
        (show, {"titles": ["a", "b", "c"]}, "3 titles for 1 image"),
        (show, {"images": None, "maps": None}, "Nothing to draw"),
        (show, {"badges": ["a", "b"]}, "2 badge.s. for 1 map"),
        (show, {"images": GREY * 255}, "Divide by 255"),
        (views, {"styles": ["pretty"]}, "style='pretty'"),
        (views, {"signs": ["both"]}, "sign='both'"),
        (views, {"map": np.zeros((3, 3))}, "resize"),
        (views, {"styles": ()}, "style=None"),
        (views, {"map": [MAP, MAP]}, "want one map"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw, arguments, words):
    with pytest.raises(ValueError, match=words):
        draw(**arguments)


def test_a_confusion_matrix_counts_true_classes_in_rows():
    from xaiteach.figures.charts import confusion

    np.testing.assert_array_equal(confusion([0, 0, 1, 2], [0, 1, 1, 1]), [[1, 1, 0], [0, 1, 0], [0, 1, 0]])
    figure = xt.plot_confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]))
    assert "4 images, 2 mistakes" in figure.alt and "0 taken for 1" in figure.alt


def texts(figure):
    found = ([text.get_text() for text in ax.texts if text.get_text()] for ax in panels(figure))
    return [[" ".join(text.split()) for text in texts] for texts in found]


def test_a_badge_stands_below_its_map_and_in_the_alternative_text():
    known = SimpleNamespace(accounts_for=np.array([2.0, 1.0]), difference=np.array([2.0, 4.0]))
    figure = xt.show(np.stack([GREY, GREY]), np.stack([MAP, MAP]), badges=known)
    assert texts(figure) == [[], [], ["adds up to 2.00 of 2.00"], ["adds up to 1.00 of 4.00"]]
    assert "adds up to 1.00 of 4.00." in figure.alt
    assert texts(xt.show(GREY, np.stack([MAP, MAP]), badges=["a", "b"])) == [[], ["a"], ["b"]]
    assert texts(xt.show(None, MAP, badges="sane")) == [["sane"]]
    assert "cat: peak at row 2, column 3" in xt.show(GREY, MAP, titles="cat", style="outline").alt


def test_what_pyplot_drew_last_is_shown_once_and_with_words():
    pyplot.figure()
    pyplot.plot([0, 1], [1, 0])
    caption = xt.Captioned("a line that falls")
    assert caption.alt == "a line that falls" and pixels(caption).std() > 0 and not pyplot.get_fignums()
    with pytest.raises(ValueError, match="Nothing is drawn yet"):
        xt.Captioned("again")


@pytest.mark.parametrize(("image", "map"), [(RGB, MAP), (GREY, 0 * MAP)], ids=["map", "zero map"])
def test_views_show_every_style_by_every_sign(image, map):
    figure = xt.views(image, map)
    titles = [f"{style}\n{sign}" for sign in SIGNS for style in STYLES]
    assert [ax.get_title() for ax in panels(figure)] == titles
    assert pixels(figure).std() > 0 and "heatmap\nnegative: " in figure.alt
