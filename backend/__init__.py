"""AU-GURU: the assistant of Assumption University of Thailand, as a REST service."""
