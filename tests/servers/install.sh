#!/bin/sh
# Installs the real servers that tests talk to, and the browser that looks at mails; says plainly what is left out when it cannot.
set -eu
need=""
command -v postfix >/dev/null 2>&1 || [ -x /usr/sbin/postfix ] || need="$need postfix"
command -v dovecot >/dev/null 2>&1 || [ -x /usr/sbin/dovecot ] || need="$need dovecot-imapd"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need="$need postgresql"
command -v chromium >/dev/null 2>&1 || need="$need chromium"
[ -n "$need" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing for the tests:$need"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # No service of the packages is started: the tests start their own, in private folders on loopback.
  # shellcheck disable=SC2086
  RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $need >/dev/null
else
  echo "left out, for lack of root on Debian: tests with$need"
fi
