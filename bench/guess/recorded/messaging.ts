// Brokers, queues, and what is sent to many.

import type { RecordedProtocol } from './protocol.ts';

export const MESSAGING: readonly RecordedProtocol[] = [
  {
    name: 'AMQP 0-9-1',
    packages: 'rabbitmq-server amqp-tools',
    framing: 'amqp091',
    behind: { client: 8 },
    server: `
      printf 'listeners.tcp.1 = 127.0.0.1:%s\\n' $PORT > rabbitmq.conf; echo '[].' > plugins
      export ERL_EPMD_PORT=$((PORT + 20000)) RABBITMQ_NODENAME=unstick$PORT@localhost RABBITMQ_DIST_PORT=$((PORT + 21000))
      export RABBITMQ_CONFIG_FILE="$FOLDER/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$FOLDER/plugins"
      export RABBITMQ_MNESIA_BASE="$FOLDER/mnesia" RABBITMQ_LOG_BASE="$FOLDER/log" RABBITMQ_PID_FILE="$FOLDER/pid"
      epmd -address 127.0.0.1 & exec /usr/lib/rabbitmq/bin/rabbitmq-server`,
    clients: [
      `amqp-declare-queue -u amqp://guest:guest@127.0.0.1:$PORT -q work`,
      `seq -f 'piece %g of the work' 25 | amqp-publish -u amqp://guest:guest@127.0.0.1:$PORT -r work -l`,
      `amqp-publish -u amqp://guest:guest@127.0.0.1:$PORT -r work -C text/plain -b "$(seq 500)"`,
      `amqp-consume -u amqp://guest:guest@127.0.0.1:$PORT -q work -c 12 cat`,
    ],
  },
  {
    name: 'AMQP 1.0',
    packages: 'python3-qpid-proton',
    framing: 'amqp10',
    behind: { client: 8, server: 8 },
    server: 'exec python3 "$PROGRAMS/proton_server.py" $PORT',
    clients: [2, 9, 30].map((n) => `python3 "$PROGRAMS/proton_client.py" $PORT ${n}`),
  },
  {
    name: 'Gearman',
    packages: 'gearman-job-server gearman-tools',
    framing: 'gearman',
    server: 'exec gearmand -L 127.0.0.1 -p $PORT -l stderr --verbose ERROR',
    clients: [
      `gearman -h 127.0.0.1 -p $PORT -w -c 3 -f count -- wc & gearman -h 127.0.0.1 -p $PORT -w -c 32 -f upper -- tr a-z A-Z &
        for i in 1 2 3; do seq $((i * 50)) | gearman -h 127.0.0.1 -p $PORT -f count; done
        for i in 20 12; do seq -f 'line %g of the text' $i | gearman -h 127.0.0.1 -p $PORT -n -f upper; done; wait`,
    ],
  },
  {
    name: 'MQTT',
    packages: 'mosquitto mosquitto-clients',
    framing: 'mqtt',
    server: `printf 'listener %s 127.0.0.1\\nallow_anonymous true\\n' $PORT > mosquitto.conf; exec mosquitto -c mosquitto.conf`,
    clients: [
      `mosquitto_sub -h 127.0.0.1 -p $PORT -t 'house/#' -q 1 -C 12 & sleep 0.5
        seq -f 'it is %g degrees in the room' 12 | mosquitto_pub -h 127.0.0.1 -p $PORT -t house/room -q 1 -l; wait`,
      `seq 30 | mosquitto_pub -h 127.0.0.1 -p $PORT -V mqttv5 -t a/b -q 2 -l`,
      `head -c 3000 /dev/urandom > noise; mosquitto_sub -h 127.0.0.1 -p $PORT -t noise -C 3 >&2 & sleep 0.5
        for i in 1 2 3; do mosquitto_pub -h 127.0.0.1 -p $PORT -t noise -f noise; done; wait`,
    ],
  },
  {
    name: 'PulseAudio',
    packages: 'pulseaudio pulseaudio-utils',
    framing: {
      codec: 'lengthPrefixed',
      prefix: 'u32be',
      after: 16,
      deliver: 'parts',
    },
    server: `
      export XDG_RUNTIME_DIR="$FOLDER"
      exec pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit -L 'module-null-sink' \\
        -L "module-native-protocol-tcp port=$PORT listen=127.0.0.1 auth-anonymous=1"`,
    clients: [
      `export PULSE_SERVER=tcp:127.0.0.1:$PORT; pactl info; pactl list; pactl list short sinks
        pactl load-module module-null-sink sink_name=other; pactl set-sink-volume other 40%; pactl list sinks
        head -c 60000 /dev/urandom > noise; pacat --playback --raw --latency-msec=50 noise`,
    ],
  },
  {
    name: 'Snapcast',
    packages: 'snapserver snapclient',
    framing: { codec: 'lengthPrefixed', before: 22, prefix: 'u32le', deliver: 'parts' },
    server: `
      mkfifo sound; (while true; do head -c 500000 /dev/urandom; done > sound) &
      exec snapserver --stream.port $PORT --stream.source "pipe://$FOLDER/sound?name=noise&mode=read" --http.enabled false --tcp.enabled false \\
        --server.datadir "$FOLDER" --stream.codec pcm --stream.bind_to_address 127.0.0.1`,
    clients: [1, 2, 3].map(
      (seconds) =>
        `timeout ${seconds} snapclient -h 127.0.0.1 -p $PORT --hostID client${seconds} --player file:filename=null || true`,
    ),
  },
  {
    name: 'syslog, octets counted',
    packages: 'rsyslog bsdutils',
    framing: 'syslogOctetCounting',
    server: `
      printf 'module(load="imtcp")\\ninput(type="imtcp" port="%s" address="127.0.0.1")\\n*.* action(type="omfile" file="%s/log")\\n' $PORT "$FOLDER" > rsyslog.conf
      exec rsyslogd -n -f "$FOLDER/rsyslog.conf" -i "$FOLDER/pid"`,
    clients: [5, 30, 100].map(
      (n) =>
        `for i in $(seq ${n}); do echo "event $i $(seq -s ' ' $((i % 17)))"; done | logger -T -n 127.0.0.1 -P $PORT --octet-count -t test${n}`,
    ),
  },
  {
    name: 'ZMTP, short messages',
    packages: 'python3-zmq',
    framing: { codec: 'lengthPrefixed', before: 1, prefix: 'u8', deliver: 'parts' },
    behind: { client: 64, server: 64 },
    server: 'exec python3 "$PROGRAMS/zmq_server.py" $PORT',
    clients: [4, 15, 40].map((n) => `python3 "$PROGRAMS/zmq_client.py" $PORT ${n}`),
  },
];
