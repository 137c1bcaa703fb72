"""A recognition server to take away: `python -m bench.drills.vosk_server [PORT]` prints its port.

Speaks the protocol of alphacep/vosk-server (websocket/asr_server.py), with the bundled model.
"""

from __future__ import annotations

import json
import os
import sys
import threading

import vosk
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from callcenter.asr import bundled


def main(port: int = 0) -> None:
    """Serves until it is killed, or until whoever started it is gone."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(bundled()))
    server = serve(lambda socket: _hear(model, socket), "127.0.0.1", port, compression=None)
    sys.stdout.write(f"{server.socket.getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve_forever()


def _hear(model: vosk.Model, socket: ServerConnection) -> None:
    ear = None
    try:
        for message in socket:
            if isinstance(message, str) and "config" in message:
                ear = vosk.KaldiRecognizer(model, json.loads(message)["config"]["sample_rate"])
                ear.SetWords(True)
            elif ear is None:
                return
            elif isinstance(message, str):
                socket.send(ear.FinalResult())
                return
            else:
                socket.send(ear.Result() if ear.AcceptWaveform(message) else ear.PartialResult())
    except ConnectionClosed:
        pass


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
