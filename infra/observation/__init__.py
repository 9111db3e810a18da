"""The platform looks at itself: the lake's tables, the stream job, the facilities' clocks; samples go to the lake."""
