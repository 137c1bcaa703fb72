#!/bin/sh
# Installs the programs that some tests drive, where apt may be used; says what is missing where not.
set -u
packages=""

need() { command -v "$1" >/dev/null 2>&1 || packages="$packages $2"; }

need sipp sip-tester
need baresip baresip
need linphonec linphone-cli
[ -x /usr/sbin/kamailio ] || need kamailio kamailio
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql
# An S3 server: OpenStack Swift, for the system's own Python.
/usr/bin/python3 -c 'import swift.common.middleware.s3api' 2>/dev/null || packages="$packages python3-swift"
need pulseaudio pulseaudio
need pactl pulseaudio-utils
need espeak-ng espeak-ng
need promtool prometheus
need chromium chromium
# The browser driver's own node wants libatomic.
ldconfig -p 2>/dev/null | grep -q libatomic.so.1 || packages="$packages libatomic1"
ldconfig -p 2>/dev/null | grep -q libportaudio || packages="$packages libportaudio2 libasound2-plugins"
command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q . || packages="$packages fonts-noto-cjk"

# The tests start their own Kamailio and PostgreSQL, and of Prometheus want promtool alone; nobody asked
# for servers that listen from now on.
stop_services() {
    for service in kamailio postgresql prometheus; do
        case "$packages" in
        *"$service"*)
            "$@" systemctl disable --now "$service" >/dev/null 2>&1 || "$@" service "$service" stop >/dev/null 2>&1
            ;;
        esac
    done
}

[ -n "$packages" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "not installed, their tests are skipped:$packages" >&2
elif [ "$(id -u)" = 0 ]; then
    echo "installing for the tests:$packages ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages >/dev/null
    stop_services env
elif sudo -n true 2>/dev/null; then
    echo "installing for the tests:$packages ..."
    sudo -n apt-get update -qq
    sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    stop_services sudo -n
else
    echo "not installed, their tests are skipped; install with: apt install$packages" >&2
fi
exit 0
