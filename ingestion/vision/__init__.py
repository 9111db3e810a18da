"""From pictures to observations: motion gate, person detector, tracker, zone mapping, camera health."""
