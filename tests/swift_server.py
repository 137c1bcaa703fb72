"""A whole OpenStack Swift in one process: account, container, object server and proxy with s3api.

Run by the system's own Python, for which Debian packages Swift: `swift_server.py FOLDER [PORT]`.
Prints the proxy's port and serves until it is killed. Imports nothing of callcenter.
"""

from __future__ import annotations

import contextlib
import os
import sys
from array import array

import eventlet

eventlet.patcher.monkey_patch()
from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingData  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

PROXY = """[DEFAULT]
swift_dir = {folder}
user = {user}
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats cache s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:cache]
paste.filter_factory = swift_server:remembering
[filter:s3api]
use = egg:swift#s3api
s3_acl = no
location = test-1
min_segment_size = 1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_reader = reading
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
STORAGE = """[DEFAULT]
devices = {folder}
mount_check = false
disable_fallocate = true
swift_dir = {folder}
user = {user}
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
STORES = ("account", "container", "object")


class Memory:
    """What Swift asks of memcached, for one process."""

    def __init__(self):
        self._kept = {}

    def set(self, key, value, **_):
        self._kept[key] = value

    def get(self, key, *_, **__):
        return self._kept.get(key)

    def incr(self, key, delta=1, **_):
        self._kept[key] = (self._kept.get(key) or 0) + delta
        return self._kept[key]

    def delete(self, key, **_):
        self._kept.pop(key, None)

    def set_multi(self, values, *_, **__):
        self._kept.update(values)

    def get_multi(self, keys, *_, **__):
        return list(map(self._kept.get, keys))

    @contextlib.contextmanager
    def soft_lock(self, *_, **__):
        yield True


def remembering(_global, **_):
    """A middleware that stands where Swift's asks memcached."""
    memory = Memory()

    def wrapped(app):
        def asked(env, start):
            env["swift.cache"] = memory
            return app(env, start)

        return asked

    return wrapped


def ring(folder, name, port):
    """One device, one copy of everything."""
    device = {"id": 0, "region": 1, "zone": 0, "device": "disk", "ip": "127.0.0.1", "port": port}
    device |= {"replication_ip": "127.0.0.1", "replication_port": port, "weight": 1, "meta": ""}
    RingData([array("H", [0, 0])], [device], 31).save(f"{folder}/{name}.ring.gz")


def written(folder, name, text):
    path = f"{folder}/{name}-server.conf"
    with open(path, "w") as file:
        file.write(text.format(folder=folder, name=name, user=os.environ.get("USER") or "root"))
    return path


def listening(port=0):
    return eventlet.listen(("127.0.0.1", port), backlog=50)


def main(folder, port=0):
    sys.modules["swift_server"] = sys.modules["__main__"]
    utils.HASH_PATH_SUFFIX = utils.HASH_PATH_PREFIX = b"tests"
    os.makedirs(f"{folder}/disk", exist_ok=True)
    with open(f"{folder}/swift.conf", "w") as file:
        file.write("[swift-hash]\nswift_hash_path_suffix = tests\n")
    utils.SWIFT_CONF_FILE = f"{folder}/swift.conf"
    sockets = {name: listening() for name in STORES}
    for name, socket in sockets.items():
        ring(folder, name, socket.getsockname()[1])
    quiet = open(os.devnull, "w")  # noqa: SIM115
    for name, socket in sockets.items():
        app = loadapp(written(folder, name, STORAGE), global_conf={"log_name": name})
        eventlet.spawn(wsgi.server, socket, app, quiet)
    proxy = loadapp(written(folder, "proxy", PROXY), global_conf={"log_name": "proxy"})
    front = listening(port)
    sys.stdout.write(f"{front.getsockname()[1]}\n")
    sys.stdout.flush()
    wsgi.server(front, proxy, quiet)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
