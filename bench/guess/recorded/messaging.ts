// Brokers, queues, and what is sent to many.

import type { RecordedProtocol } from './protocol.ts';

export const MESSAGING: readonly RecordedProtocol[] = [
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
];
