"""What surrounds the helper package: the learner's own copy, the doctor, the cases, the checkers."""
