// Protocols of networks: names, routes, files, sessions.

import type { RecordedProtocol } from './protocol.ts';

export const NETWORK: readonly RecordedProtocol[] = [
  {
    name: 'BGP',
    packages: 'bird2',
    framing: 'bgp',
    server: `exec bash "$PROGRAMS/bird.sh" server 127.0.0.1 "$PORT"`,
    clients: [],
  },
  {
    name: 'DNS over TCP',
    packages: 'dnsmasq-base bind9-dnsutils',
    framing: 'dnsOverTcp',
    server: `
      for i in $(seq 60); do echo "10.0.0.$i host$i.example"; done > hosts
      exec dnsmasq -d -C /dev/null -p $PORT --listen-address=127.0.0.1 --bind-interfaces -R -h -H "$FOLDER/hosts" \\
        --txt-record=long.example,"$(seq -s, 60)" --mx-host=example,host1.example,10 --user=root`,
    clients: [
      `dig @127.0.0.1 -p $PORT +tcp +keepopen $(seq -f 'host%g.example' 8)`,
      `dig @127.0.0.1 -p $PORT +tcp +keepopen +noedns long.example TXT example MX host3.example A nowhere.example A long.example TXT`,
      `for i in $(seq 40); do echo "host$i.example $([ $((i % 3)) = 0 ] && echo AAAA || echo A)"; done > names
        dig @127.0.0.1 -p $PORT +tcp +keepopen -f names`,
    ],
  },
  {
    name: 'HTTP/2',
    packages: 'nghttp2-server nghttp2-client',
    framing: 'http2',
    behind: { client: 24 },
    server: `
      mkdir root; for i in 1 2 3 4 5; do seq $((i * 300)) > root/$i.txt; done; head -c 20000 /dev/urandom > root/noise
      exec nghttpd --no-tls -d root -a 127.0.0.1 $PORT`,
    clients: [
      'nghttp http://127.0.0.1:$PORT/1.txt',
      'nghttp http://127.0.0.1:$PORT/1.txt http://127.0.0.1:$PORT/2.txt http://127.0.0.1:$PORT/3.txt http://127.0.0.1:$PORT/none',
      'seq 900 > body; nghttp -d body -H "x-colour: green" http://127.0.0.1:$PORT/noise',
      'h2load -n 30 -c 1 -m 5 http://127.0.0.1:$PORT/4.txt',
    ],
  },
];
