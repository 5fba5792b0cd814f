"""The images of a bundle, reduced to what a screen can show; pure numbers, no screen."""
