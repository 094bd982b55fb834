"""Lets a failure in the scenario show both the answer and the truth, as in a test."""

import pytest

pytest.register_assert_rewrite("tests.recorded.asking", "tests.recorded.scenario")
