"""Keys, mouse and gamepad from gestures and hands, which are let go of whatever happens."""
