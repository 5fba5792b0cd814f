"""The Textual app: a viewer and guide; it never owns a run."""
