import numpy as np
from galleries import RIGHT

from xaiteach_course.check.lesson_03.exercises import two_photos


def by_einsum(maps, gradients):
    cam = np.einsum("hwf,f->hw", maps, gradients.mean((0, 1)))
    return np.where(cam > 0, cam, 0)


def by_loops(maps, gradients):
    cam = np.zeros(maps.shape[:2])
    for f in range(maps.shape[2]):
        cam += maps[:, :, f] * gradients[:, :, f].sum() / maps[:, :, f].size
    return cam.clip(0, None)


def relu(values):
    return np.maximum(values, 0)


def batched(maps, gradients):
    return np.stack([by_einsum(maps[i], gradients[i]) for i in range(len(maps))])


def broken(maps, gradients):
    return np.abs((maps * gradients.mean(axis=(0, 1, 2))).sum(axis=-1))


TWO = two_photos()[1]

GALLERY = {
    "build_grad_cam": [
        (by_einsum, RIGHT),
        (by_loops, RIGHT),
        (lambda a, g: a @ g.mean((0, 1)), "ReLU at the end is missing"),
        (lambda a, g: relu(a * g.mean((0, 1))).sum(-1), "ReLU comes too early"),
        (lambda a, g: by_einsum(relu(a), g), "maps with negative values"),
        (lambda a, g: relu((a * g).sum(-1)), "not averaged over height and width"),
        (lambda a, g: relu(a @ g.sum((0, 1))), "the right one times 35"),
        (lambda a, g: by_einsum(a, g) / by_einsum(a, g).max(), "divided by its largest value"),
        (lambda a, g: np.abs(a @ g.mean((0, 1))), "abs() turns evidence"),
        (lambda a, g: by_einsum(a, g) + 0.001, "largest difference"),
        (lambda a, g: by_einsum(a, g) if g.max() > 0 else np.ones((5, 7)), "All gradients were negative"),
    ],
    "scale_a_map": [
        (lambda cam: cam / cam.max() if cam.any() else cam, RIGHT),
        (lambda cam: np.divide(cam, cam.max(), where=cam.max() > 0, out=np.zeros_like(cam)), RIGHT),
        (lambda cam: cam / cam.max(), "NaN"),
        (lambda cam: np.nan_to_num(cam / cam.max(), nan=1), "nothing speaks for this class"),
        (lambda cam: (cam - cam.min()) / (cam.max() - cam.min()), "smallest value is drawn as 0"),
        (lambda cam: cam / (cam.max() + 1e-8), "a small number added to the divisor"),
        (lambda cam: cam / cam.max() if cam.max() > 1e-9 else cam, "compared with the largest value"),
        (lambda cam: np.divide(cam, cam.max(), out=cam), "changed in place"),
        (lambda cam: cam / cam.max() if cam.all() else cam, "a map with zeros and values"),
    ],
    "explain_two_photos": [
        (TWO, RIGHT),
        ([list(TWO[0]), TWO[1].astype(np.float32)], RIGHT),
        (TWO[::-1], "exchanged"),
        (TWO / TWO.max(axis=(1, 2), keepdims=True), "divided by its largest value"),
        (TWO + 0.01, "largest difference"),
        (TWO - 0.5, "Leave it out"),
    ],
    "mend_grad_cam": [
        (batched, RIGHT),
        (lambda a, g: relu(np.einsum("nhwf,nf->nhw", a, g.mean((1, 2)))), RIGHT),
        (broken, "Nothing is mended yet"),
        (lambda a, g: relu(a @ g.mean((0, 1, 2))), "averaged over the images"),
        (lambda a, g: relu((a * g.mean((0, 1), keepdims=True)).sum(-1)), "Axis 0 holds the images"),
        (lambda a, g: batched(a, g) if len(a) > 1 else batched(a, 2 * g), "Which axis holds the images?"),
        (lambda a, g: np.abs((a * g.mean((1, 2), keepdims=True)).sum(-1)), "evidence against"),
        (lambda a, g: batched(a, g) * 1.001, "largest difference"),
    ],
    "read_the_map": [
        ("bd", RIGHT),
        ({"D", "B"}, RIGHT),
        ("b", "It could fail"),
        ("abd", "another place is red"),
        ("bcd", "took away"),
        ("d", "24×48"),
    ],
}
