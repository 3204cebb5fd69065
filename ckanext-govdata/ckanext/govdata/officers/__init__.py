"""Officers of agencies: posts with an end, invitations by mail, hand-over, units in charge, training, their register."""
