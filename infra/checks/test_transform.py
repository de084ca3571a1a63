"""Sees what transform.py notices in an expanded template."""

import unittest

from transform import MAX_RESOURCES, within_limits


def stack_of(count):
    return {"Resources": {f"T{n}": {"Type": "AWS::SNS::Topic"} for n in range(count)}}


class Limits(unittest.TestCase):
    def test_a_stack_with_little_room_left_is_noticed(self):
        self.assertEqual(MAX_RESOURCES, 400)
        self.assertEqual(list(within_limits(stack_of(MAX_RESOURCES))), [])
        self.assertEqual(len(list(within_limits(stack_of(MAX_RESOURCES + 1)))), 1)

    def test_a_template_that_is_too_long_is_noticed(self):
        self.assertEqual(len(list(within_limits(stack_of(1) | {"Description": "x" * 1_000_000}))), 1)


if __name__ == "__main__":
    unittest.main()
