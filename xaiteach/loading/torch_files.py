"""PyTorch models from `.pt2` files (torch.export), without unpickling or executing anything in them.

`torch.export.load` unpickles parts of such a file and evaluates strings in it. So its graph is read here as the plain
list of operations that it is, and run by a module that knows the operations listed below and no others.
"""

import json
import math
from typing import NamedTuple

import torch

from xaiteach.figures.words import short
from xaiteach.files.archive import read_zip

OPERATIONS = """
_softmax adaptive_avg_pool2d add add_ addmm avg_pool2d batch_norm cat chunk clone contiguous conv2d div dropout dropout_
elu elu_ expand feature_dropout flatten gelu group_norm hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_
layer_norm leaky_relu leaky_relu_ linear log_softmax matmul max_pool2d mean mul mul_ permute relu relu_ reshape
scaled_dot_product_attention select sigmoid sigmoid_ silu silu_ slice softmax split squeeze sub sym_size t tanh tanh_
transpose unsqueeze view
"""
PLAIN = ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_string")
DTYPES = {5: torch.int64, 6: torch.float16, 7: torch.float32, 8: torch.float64}
MOST_VALUES = 2**26
MOST_STEPS = 10_000
USUAL_SIDE = 256  # where a side of an image may be of any length
ADVICE = "If you trust it, load it yourself and give the module: xt.wrap(torch.export.load(path).module())."


class Value(NamedTuple):
    """What an earlier step gave, a weight, or the image, by its name in the graph."""

    name: str


def read_pt2(data, name):
    """The module in a `.pt2` file, given as bytes and called `name` in messages, and its input shape (H, W, C).

    Raises:
        ValueError: in a sentence.
    """
    files = read_zip(data, name)
    try:
        files = {path.partition("/")[2]: part for path, part in files.items()}
        graph = _as_json(files, "models/model.json")["graph_module"]
        image, output, held = _signature(graph["signature"], _stored(files))
        shape = _image_shape(graph["graph"]["tensor_values"][image]["sizes"])
        module = ExportedModule(graph["graph"]["nodes"], held, image, output)
        _rehearse(module, shape)
    except ValueError as error:
        raise ValueError(f"{name} can't be taken: {short(error).rstrip('.')}. {ADVICE}") from None
    except Exception as error:
        raise ValueError(f"{name} can't be taken, it is damaged ({short(error)}). {ADVICE}") from None
    return module, shape


class ExportedModule(torch.nn.Module):
    """A graph of torch.export: each step is a module, called by its name in the graph, with the weights it uses."""

    def __init__(self, nodes, held, image, output):
        super().__init__()
        if len(nodes) > MOST_STEPS:
            raise ValueError(f"it has {len(nodes):,} steps, more than {MOST_STEPS:,}")
        self.image, self.output = image, output
        for node in nodes:
            self.add_module(_name_of(node), Step(node, held))
        last = {value: name for name, step in self.named_children() for value in step.given}
        self.done = {
            name: [v for v, user in last.items() if user == name and v != output] for name in last.values()
        }

    def forward(self, image):
        values = {self.image: image}
        for name, step in self.named_children():
            found = step(values)
            values |= dict(
                zip(step.gives, found if isinstance(found, (list, tuple)) else [found], strict=True)
            )
            for value in self.done.get(name, ()):
                values.pop(value, None)
        return values[self.output]


class Step(torch.nn.Module):
    """One operation of the graph. `given` names the values that go in and `gives` those that come out."""

    def __init__(self, node, held):
        super().__init__()
        self.operation = _operation(node["target"])
        arguments = [(part["name"], _argument(part), part["kind"] == 2) for part in node["inputs"]]
        self.positional = [value for _, value, by_name in arguments if not by_name]
        self.named = {name: value for name, value, by_name in arguments if by_name}
        used = {
            value.name
            for value in _flat([*self.positional, *self.named.values()])
            if isinstance(value, Value)
        }
        for name in used & held.keys():
            own = held[name]
            (self.register_parameter if isinstance(own, torch.nn.Parameter) else self.register_buffer)(
                name, own
            )
        self.given = used - held.keys()
        self.gives = [value.name for value in _flat([_argument({"arg": node["outputs"][0]})])]

    def forward(self, values):
        fill = lambda part: self._filled(part, values)  # noqa: E731
        return self.operation(
            *map(fill, self.positional), **{key: fill(part) for key, part in self.named.items()}
        )

    def _filled(self, part, values):
        if isinstance(part, Value):
            return getattr(self, part.name) if part.name not in self.given else values[part.name]
        return [self._filled(one, values) for one in part] if isinstance(part, list) else part


def _flat(parts):
    return [one for part in parts for one in (part if isinstance(part, list) else [part])]


def _name_of(node):
    value = _flat([_argument({"arg": node["outputs"][0]})])[0].name
    return f"{value}_and_more" if "as_tensors" in node["outputs"][0] else value


def _operation(target):
    """The operation of that name, from the list above."""
    name = target.removeprefix("torch.ops.aten.").partition(".")[0]
    if not target.startswith("torch.ops.aten.") or name not in OPERATIONS.split():
        raise ValueError(f"it has the operation {target[:60]!r}, which is none of the plain ones")
    return getattr(torch.ops.aten, name)


def _argument(part):
    (kind, value), *_ = part["arg"].items()
    if part.get("name") in ("training", "train") and value is True:
        raise ValueError("it was exported while in training; call model.eval() before torch.export.export")
    if kind in ("as_tensor", "as_sym_int"):
        return _value(value)
    if kind in ("as_tensors", "as_sym_ints"):
        return [_value(one) for one in value]
    if kind not in (*PLAIN, "as_none"):
        raise ValueError(f"it gives {kind!r} to an operation, which can't be read")
    return None if kind == "as_none" else value


def _value(about):
    """A tensor, or a side of one, by name; or a side that is known."""
    return about["as_int"] if "as_int" in about else Value(about.get("name") or about["as_name"])


def _as_json(files, name):
    if name not in files:
        raise ValueError(f"it holds no {name}; save it with torch.export.save")
    return json.loads(files[name])


def _stored(files):
    """The weights and constants of the file by name."""
    if files.get("byteorder", b"little") != b"little":
        raise ValueError("its numbers are in big-endian order")
    listed = {
        name: (about, f"data/{kind}/{about['path_name']}")
        for kind in ("weights", "constants")
        for name, about in _as_json(files, f"data/{kind}/model_{kind}_config.json")["config"].items()
    }
    return {name: _tensor(name, about, files.get(path)) for name, (about, path) in listed.items()}


def _tensor(name, about, data):
    known = about["tensor_meta"]
    if about["use_pickle"] or known is None or known["dtype"] not in DTYPES or not data:
        raise ValueError(f"{name!r} in it is not stored as plain numbers")
    sizes, strides = ([side["as_int"] for side in known[key]] for key in ("sizes", "strides"))
    whole = torch.frombuffer(bytearray(data), dtype=DTYPES[known["dtype"]])
    if math.prod(sizes) > len(whole):
        raise ValueError(f"{name!r} in it claims {math.prod(sizes):,} numbers and stores {len(whole):,}")
    tensor = whole.as_strided(sizes, strides, known["storage_offset"]["as_int"]).clone()
    if not tensor.isfinite().all():
        raise ValueError(f"{name!r} in it has NaN or infinite values")
    return torch.nn.Parameter(tensor) if about["is_param"] else tensor


def _signature(signature, stored):
    """The name of the image, of the output, and from names in the graph to weights."""
    images, held = [], {}
    for spec in signature["input_specs"]:
        (kind, about), *_ = spec.items()
        if kind == "user_input":
            images.append(about["arg"]["as_tensor"]["name"])
        else:
            held[about["arg"]["name"]] = stored[about.get(f"{kind}_name") or about["tensor_constant_name"]]
    outputs = [spec["user_output"]["arg"]["as_tensor"]["name"] for spec in signature["output_specs"]]
    if len(images) != 1 or len(outputs) != 1:
        raise ValueError(
            f"it has {len(images)} inputs and {len(outputs)} outputs; a classifier has one of each"
        )
    return images[0], outputs[0], held


def _image_shape(sizes):
    sides = [side.get("as_int") for side in sizes]
    if len(sides) != 4:
        raise ValueError(f"it wants {len(sides)} dimensions; images have (N, C, H, W)")
    return *sides[2:], sides[1]


def _rehearse(module, shape):
    """Go through the graph without reckoning, so that what does not fit, or is too large, is seen beforehand."""
    height, width, channels = (side or USUAL_SIDE for side in shape)
    empty = {name: tensor.to("meta") for name, tensor in module.state_dict().items()}

    def check(step, _, output):
        if sum(one.numel() for one in _flat([output]) if torch.is_tensor(one)) > MOST_VALUES:
            raise ValueError(f"the step {step.gives[0]!r} gives too many values")

    handles = [step.register_forward_hook(check) for step in module.children()]
    image = torch.empty((1, channels, height, width), device="meta")
    with torch.inference_mode():
        torch.func.functional_call(module, empty, (image,))
    for handle in handles:
        handle.remove()
