#!/usr/bin/env bash
# A Slurm of one node on loopback, for tests: root, Debian, no systemd. Never on a machine that has a Slurm of its own.
#   one_node.sh install            what Debian has of it: slurm-wlm, munge, and slurmdbd with MariaDB for accounting
#   one_node.sh up [--dbd]         start it; with --dbd with accounting, so that sacct answers too
#   one_node.sh down               cancel its jobs, end its daemons, remove its configuration
# NODE_DIR: its state and logs (default /tmp/dnalm-slurm). NODE_CPUS, NODE_MEM (MB), NODE_GPUS (fake): what the node has.
set -euo pipefail
DIR=${NODE_DIR:-/tmp/dnalm-slurm}
CPUS=${NODE_CPUS:-$(nproc)}
MEM=${NODE_MEM:-$(awk '/MemTotal/ {print int($2 / 1024 * 0.8)}' /proc/meminfo)}
GPUS=${NODE_GPUS:-2}
HOST=$(hostname -s)
MARK="# a test cluster of one node, made by dnalm's tests"

install_packages() {
    local need=()
    for package in slurm-wlm munge slurmdbd mariadb-server; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || need+=("$package")
    done
    [ ${#need[@]} -gt 0 ] || return 0
    # The packages must start nothing by themselves.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; trap "rm -f $policy" EXIT; fi
    apt-cache policy slurm-wlm | grep -q 'Candidate: [0-9]' || apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 "${need[@]}" >/dev/null
}

await() {  # seconds, then a command that must succeed within them
    local until=$((SECONDS + $1)); shift
    while ! "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $until ]; then echo "waited in vain for: $*" >&2; tail -n 20 "$DIR"/log/*.log >&2; exit 1; fi
        sleep 0.1
    done
}

configure() {
    install -d -m 755 "$DIR" "$DIR"/{state,spool,log,run}
    local accounting='AccountingStorageType=accounting_storage/none' gres='' files=''
    [ "$1" != --dbd ] || accounting=$'AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=127.0.0.1
AccountingStorageTRES=gres/gpu'
    if [ "$GPUS" -gt 0 ]; then  # a GPU is a device node to Slurm: twins of /dev/null
        for number in $(seq 0 $((GPUS - 1))); do
            rm -f "$DIR/gpu$number"; mknod "$DIR/gpu$number" c 1 3; files+="$DIR/gpu$number,"
        done
        gres="Gres=gpu:a100:$GPUS"
        echo "NodeName=$HOST Name=gpu Type=a100 File=${files%,} Flags=nvidia_gpu_env" >/etc/slurm/gres.conf
    else
        : >/etc/slurm/gres.conf
    fi
    cat >/etc/slurm/slurm.conf <<CONF
$MARK
ClusterName=dnalm
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
ReturnToService=2
SlurmdParameters=config_overrides
SlurmctldPidFile=$DIR/run/slurmctld.pid
SlurmdPidFile=$DIR/run/slurmd.pid
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdLogFile=$DIR/log/slurmd.log
SlurmdSpoolDir=$DIR/spool
StateSaveLocation=$DIR/state
SwitchType=switch/none
SchedulerParameters=bf_interval=1,sched_interval=2,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
KillWait=5
PropagateResourceLimits=NONE
$accounting
DefMemPerCPU=1000
NodeName=$HOST NodeAddr=127.0.0.1 CPUs=$CPUS RealMemory=$MEM $gres State=UNKNOWN
PartitionName=cpu Nodes=$HOST Default=YES DefaultTime=60 State=UP
PartitionName=gpu Nodes=$HOST DefaultTime=60 State=UP
CONF
}

start_accounting() {
    install -d -o mysql -g mysql "$DIR/mysql" /run/mysqld
    [ -d "$DIR/mysql/mysql" ] || mariadb-install-db --user=mysql --datadir="$DIR/mysql" --skip-test-db \
        --auth-root-authentication-method=socket >"$DIR/log/mariadb-install.log" 2>&1
    setsid mariadbd --no-defaults --user=mysql --datadir="$DIR/mysql" --skip-networking \
        --socket=/run/mysqld/mysqld.sock --pid-file="$DIR/mysql/mariadbd.pid" --innodb-buffer-pool-size=64M \
        --innodb-flush-log-at-trx-commit=0 >"$DIR/log/mariadbd.log" 2>&1 </dev/null &
    sql() { mariadb --no-defaults -S /run/mysqld/mysqld.sock -e "$1"; }
    await 30 sql 'select 1'
    sql "create database if not exists slurm; create or replace user slurm@localhost identified by 'slurm';
         grant all on slurm.* to slurm@localhost;"
    cat >/etc/slurm/slurmdbd.conf <<CONF
$MARK
AuthType=auth/munge
DbdHost=$HOST
DbdAddr=127.0.0.1
SlurmUser=root
PidFile=$DIR/run/slurmdbd.pid
LogFile=$DIR/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
CONF
    chmod 600 /etc/slurm/slurmdbd.conf
    slurmdbd
    await 30 sacctmgr -nP list cluster
    for thing in "cluster dnalm" "account lab Description=lab Organization=lab" "user root Account=lab"; do
        # shellcheck disable=SC2086 - several words
        sacctmgr -Q -i add $thing >/dev/null 2>&1 || true
    done
}

up() {
    if [ -e /etc/slurm/slurm.conf ] && ! grep -qF "$MARK" /etc/slurm/slurm.conf; then
        echo "/etc/slurm/slurm.conf is not of these tests; this machine has a Slurm of its own" >&2; exit 1
    fi
    down
    configure "${1:-}"
    install -d -o munge -g munge -m 755 /run/munge
    install -d -o munge -g munge -m 700 /var/log/munge /var/lib/munge
    if [ ! -s /etc/munge/munge.key ]; then
        (umask 077; head -c 1024 /dev/urandom >/etc/munge/munge.key); chown munge:munge /etc/munge/munge.key
    fi
    runuser -u munge -- munged --force --pid-file=/run/munge/munged.pid >/dev/null 2>&1
    await 10 munge -n
    [ "${1:-}" != --dbd ] || start_accounting
    slurmctld -c
    await 30 scontrol ping
    slurmd
    await 30 bash -c 'sinfo -h -o %T | grep -q idle'
}

stop() {  # by its pid file, if that process still is the daemon of that name
    local file=$2 pid
    [ -s "$file" ] || return 0
    pid=$(cat "$file")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]; then
        kill "$pid"
        for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep 0.1; done
        [ ! -d "/proc/$pid" ] || kill -9 "$pid"
    fi
    rm -f "$file"
}

down() {
    if [ -s "$DIR/run/slurmctld.pid" ] && [ -d "/proc/$(cat "$DIR/run/slurmctld.pid")" ]; then
        timeout 20 scancel -u root >/dev/null 2>&1 || true
        for _ in $(seq 80); do [ -n "$(timeout 5 squeue -h -t R,CG 2>/dev/null)" ] || break; sleep 0.1; done
    fi
    for daemon in slurmd slurmctld slurmdbd; do stop $daemon "$DIR/run/$daemon.pid"; done
    stop mariadbd "$DIR/mysql/mariadbd.pid"
    stop munged /run/munge/munged.pid
    # Without a configuration Slurm's commands fail at once; with one and no controller each waits for ten seconds.
    if [ -e /etc/slurm/slurm.conf ] && grep -qF "$MARK" /etc/slurm/slurm.conf; then
        rm -f /etc/slurm/{slurm,slurmdbd,gres}.conf
    fi
    rm -rf "$DIR"
}

case ${1:-} in
    install) install_packages ;;
    up) up "${2:-}" ;;
    down) down ;;
    *) sed -n '2,6s/^# //p' "$0"; exit 2 ;;
esac
