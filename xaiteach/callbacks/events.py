"""Pictures for TensorBoard, without TensorFlow: the usual writers load its 600 MB where it is installed."""

import io
import os
import time

from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


class EventFile:
    """A new event file in a folder. What was added is on disk, whole, when `add_picture` returns."""

    def __init__(self, folder):
        self.path = folder / f"events.out.tfevents.{time.time_ns()}.{os.getpid()}"
        self._append(file_version="brain.Event:2")

    def add_picture(self, tag, png, step):
        """Append a PNG, bytes, at a step; an OSError in a sentence where that can't be done."""
        width, height = Image.open(io.BytesIO(png)).size
        picture = Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png)
        self._append(step=step, summary=Summary(value=[Summary.Value(tag=tag, image=picture)]))

    def _append(self, **content):
        try:
            with open(self.path, "ab") as file:
                RecordWriter(file).write(Event(wall_time=time.time(), **content).SerializeToString())
        except OSError as error:
            raise OSError(f"{self.path} can't be written ({error.strerror}).") from None
