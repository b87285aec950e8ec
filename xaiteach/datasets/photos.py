"""Photos that come inside scikit-image: free to use, no network."""

from importlib.resources import as_file, files

import numpy as np

from xaiteach.images.load import as_size

NAMES = "astronaut brick camera cat chelsea coffee coins grass gravel retina rocket"
OTHER_FILES = {"cat": "chelsea.png", "retina": "retina.jpg", "rocket": "rocket.jpg"}
PHOTOS = {name: OTHER_FILES.get(name, f"{name}.png") for name in NAMES.split()}


def load_photo(name, *, size=None, grey=False):
    """A photo by its name, such as "cat" or "coffee".

    Args:
        name: one of `PHOTOS`.
        size: (H, W) in pixels, or one number for a square. The middle of the photo in that shape is cut out
            and then resized, so nothing is stretched. None leaves the photo as it is.
        grey: give one channel, the luminance, for a colour photo too.

    Returns:
        (H, W, C) float32 in [0, 1]; C is 3, or 1 for photos that are grey anyway (brick, camera, coins,
        grass, gravel).

    Raises:
        ValueError: for a name that is not in `PHOTOS`, or a size that is none.

    The file is read from the installed package: `skimage.data` would go to the network for what it misses.

    Source: the gallery of scikit-image, https://scikit-image.org/docs/stable/api/skimage.data.html, where
    each photo's author and licence (CC0 or public domain) are named.
    """
    from skimage.color import rgb2gray
    from skimage.transform import resize

    photo = np.divide(_read(name), 255, dtype=np.float32)
    if photo.ndim == 2:
        photo = photo[..., np.newaxis]
    elif grey:
        photo = rgb2gray(photo)[..., np.newaxis]
    if size is None:
        return photo
    height, width = as_size(size)
    return resize(_crop_middle(photo, height / width), (height, width), anti_aliasing=True)


def _read(name):
    from skimage.io import imread

    if name not in PHOTOS:
        raise ValueError(f"no photo is called {name!r}; there are: {', '.join(PHOTOS)}")
    with as_file(files("skimage") / "data" / PHOTOS[name]) as path:
        return imread(path)


def _crop_middle(photo, aspect):
    """The largest middle part whose height is `aspect` times its width."""
    height, width = photo.shape[:2]
    crop_height = max(1, min(height, round(width * aspect)))
    crop_width = max(1, min(width, round(height / aspect)))
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return photo[top : top + crop_height, left : left + crop_width]
