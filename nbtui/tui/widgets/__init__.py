"""The app's own widgets; none of them knows where its data come from."""
