"""After a harassing call: cases, blocks, withheld numbers, letters, what agents were exposed to."""
