"""Pictures of real pixels, for terminals that can draw them; half blocks are the floor."""
