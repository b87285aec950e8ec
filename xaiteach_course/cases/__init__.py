"""Cases: models to report on, each with a flaw that is to be found."""

from xaiteach_course.cases.case import Case, load_case

__all__ = ["Case", "load_case"]
