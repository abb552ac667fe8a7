"""The two stores that a run feeds: claims with their evidence, entities with their relations."""
