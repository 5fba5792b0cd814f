"""The app: a guide from memo to verdict, and a viewer of the bundle a run writes."""
