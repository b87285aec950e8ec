# `make lab` and `make test` are all that is needed; `make` alone prints the rest.
PYTHON ?= python3
WORKSPACE ?= my-course
ARGS ?=
COURSE = @$(PYTHON) tools/course.py

.PHONY: help lab test setup repair update doctor check-in lessons budget weights lock mutants bench slides exercises release grade

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

lab:  ## set up what is missing, then open JupyterLab on lesson 00 of your own copy
	$(COURSE) lab "$(WORKSPACE)" $(ARGS)

test:  ## set up what is missing, then run every test and every notebook (ARGS="-k images")
	$(COURSE) test $(ARGS)

setup:  ## set up what is missing, and no more
	$(COURSE) setup

repair:  ## set up anew, whatever happened to .venv
	$(COURSE) repair

update:  ## bring new versions of the lessons into your own copy
	$(COURSE) update "$(WORKSPACE)"

doctor:  ## say whether this machine is ready
	$(COURSE) doctor "$(WORKSPACE)"

check-in:  ## say what your exercises lack before you hand them in (ARGS="03" for one lesson)
	$(COURSE) check-in "$(WORKSPACE)" $(ARGS)

lessons:  ## run the lessons and store what they print (ARGS=notebooks/03_….ipynb for one)
	$(COURSE) run tools/execute.py $(ARGS)

budget:  ## measure seconds and memory of each lesson, for the table in the README
	$(COURSE) run tools/budget.py

weights:  ## train the networks that the course ships
	$(COURSE) run tools/train_weights.py

lock:  ## write requirements.txt anew from pyproject.toml, keeping the pins it has
	$(COURSE) run tools/lock.py $(ARGS)

mutants:  ## put faults into the package, one at a time, and see a test go red for each (ARGS=word)
	$(COURSE) run tools/mutants.py $(ARGS)

bench:  ## time every method beside the raw model passes, captum, lime and shap (about ten minutes)
	$(COURSE) run benchmarks/run.py

slides:  ## make slides of each lesson, one file each, in the folder slides (ARGS=notebooks/03_….ipynb for one)
	$(COURSE) run tools/slides.py $(ARGS)

exercises:  ## make the learner's copies of the exercises out of the solutions
	$(COURSE) run tools/exercises.py

release:  ## make what is handed out to a class, in the folder grading (ARGS="03" for one lesson)
	$(COURSE) run tools/grading/commands.py release $(ARGS)

grade:  ## grade what a class handed in (ARGS="03 --submissions FOLDER")
	$(COURSE) run tools/grading/commands.py grade $(ARGS)
