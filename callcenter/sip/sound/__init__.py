"""What goes over the wire as sound: RTP, RTCP, codecs, encryption."""
